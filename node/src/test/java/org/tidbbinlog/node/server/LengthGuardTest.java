package org.tidbbinlog.node.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Requests that announce a GiB and never send it: only its length can be what is refused. */
@Timeout(60)
class LengthGuardTest {
  private static final int LIMIT_BYTES = 100_000;
  private static final int HEADERS = 1;
  private static final int DATA = 0;
  private static final int SETTINGS = 4;
  private static final int END_HEADERS = 4;
  private static final byte[] ANNOUNCEMENT = {0, 0x40, 0, 0, 0}; // 2^30
  private static final byte[] NO_HEADER_TABLE = {0, 1, 0, 0, 0, 0}; // else values come as indices
  private static final String REFUSAL =
      "grpc: received message larger than max (1073741824 vs. 100000)";

  private final EchoPump pump = new EchoPump();
  private final PortServer.Builder builder =
      PortServer.builder("test").service(pump).maxInboundMessageBytes(LIMIT_BYTES);

  @Test
  @DisplayName("pump-protocol fact 12: a message is refused by its length, before its bytes come")
  void messageOverLimit_isRefusedByItsPrefix() throws Exception {
    try (PortServer server = builder.start();
        Http2 connection = connect(server)) {
      connection.frame(HEADERS, END_HEADERS, 1, connection.request());
      connection.frame(DATA, 0, 1, ANNOUNCEMENT);
      connection.awaitText(REFUSAL);
      assertThat(pump.writes).hasValue(0);
    }
  }

  @Test
  void prefixInPieces_isReadAllTheSame_alsoByLaterStreams() throws Exception {
    try (PortServer server = builder.start();
        Http2 connection = connect(server)) {
      for (int stream = 1; stream <= 5; stream += 2) {
        connection.frame(HEADERS, END_HEADERS, stream, connection.request());
        for (byte piece : ANNOUNCEMENT) {
          connection.frame(DATA, 0, stream, new byte[] {piece});
        }
        connection.awaitText(REFUSAL);
      }
    }
  }

  /** What is still under way when the refusal goes out is dropped, and the window given back. */
  @Test
  void bytesThatFollowARefusal_doNoHarm() throws Exception {
    try (PortServer server = builder.start();
        Http2 connection = connect(server)) {
      connection.frame(HEADERS, END_HEADERS, 1, connection.request());
      connection.frame(DATA, 0, 1, ANNOUNCEMENT);
      for (int i = 0; i < 100; i++) {
        connection.frame(DATA, 0, 1, new byte[16_000]);
      }
      connection.awaitText(REFUSAL);
      connection.frame(HEADERS, END_HEADERS, 3, connection.request());
      connection.frame(DATA, 1, 3, new byte[] {0, 0, 0, 0, 0});
      connection.awaitText("bytes 0");
    }
  }

  @Test
  void messageOverLimit_onTheUnixSocket_isRefusedToo(@TempDir Path dir) throws Exception {
    Path socket = dir.resolve("p.sock");
    try (PortServer server = builder.unixSocket(socket).start();
        Http2 connection = new Http2(UnixDomainSocketAddress.of(socket))) {
      assertThat(server.port()).isPositive();
      connection.frame(HEADERS, END_HEADERS, 1, connection.request());
      connection.frame(DATA, 0, 1, ANNOUNCEMENT);
      connection.awaitText(REFUSAL);
    }
  }

  private static Http2 connect(PortServer server) throws IOException {
    return new Http2(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
  }

  /** HTTP/2 by hand; short header values of the server are plain text on the wire. */
  private static final class Http2 implements AutoCloseable {
    private final SocketChannel socket;
    private final StringBuilder received = new StringBuilder();

    Http2(SocketAddress address) throws IOException {
      socket = SocketChannel.open(address);
      send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      frame(SETTINGS, 0, 0, NO_HEADER_TABLE);
    }

    /** Each header literal, without indexing and without Huffman coding. */
    byte[] request() {
      String[] headers = {
        ":method", "POST", ":scheme", "http", ":path", "/binlog.Pump/WriteBinlog",
        ":authority", "x", "content-type", "application/grpc", "te", "trailers"
      };
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      for (int i = 0; i < headers.length; i += 2) {
        out.write(0);
        for (String text : new String[] {headers[i], headers[i + 1]}) {
          out.write(text.length());
          out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
        }
      }
      return out.toByteArray();
    }

    void frame(int type, int flags, int stream, byte[] body) throws IOException {
      ByteBuffer frame = ByteBuffer.allocate(9 + body.length);
      frame.putInt(body.length << 8 | type).put((byte) flags).putInt(stream).put(body);
      send(frame.array());
    }

    private void send(byte[] bytes) throws IOException {
      ByteBuffer rest = ByteBuffer.wrap(bytes);
      while (rest.hasRemaining()) {
        socket.write(rest);
      }
    }

    /** Reads on until {@code text} has come; forgets what stood before its end. */
    void awaitText(String text) throws IOException {
      ByteBuffer chunk = ByteBuffer.allocate(4096);
      while (received.indexOf(text) < 0) {
        if (socket.read(chunk.clear()) < 0) {
          throw new IOException("closed by the server after: " + received);
        }
        chunk.flip();
        received.append(StandardCharsets.ISO_8859_1.decode(chunk));
      }
      received.delete(0, received.indexOf(text) + text.length());
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
