package org.tidbbinlog.pump.server;

import com.google.protobuf.CodedOutputStream;
import io.grpc.CallOptions;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.tidbbinlog.node.net.Channels;
import org.tidbbinlog.node.net.Tls;
import org.tidbbinlog.wire.pump.Pos;
import org.tidbbinlog.wire.pump.PullBinlogReq;
import org.tidbbinlog.wire.pump.PumpGrpc;
import org.tidbbinlog.wire.pump.WriteBinlogResp;

/**
 * Writes one transaction whose value is made up on the way out, pulls it back, and checks its
 * length and sum on the way in: neither side of the wire has it on this heap. Arguments: port,
 * cluster id, value bytes, start ts, commit ts.
 */
final class LargeClient {
  private static final int CHUNK = 1 << 16;

  private LargeClient() {}

  public static void main(String[] args) {
    long clusterId = Long.parseLong(args[1]);
    int valueBytes = Integer.parseInt(args[2]);
    long startTs = Long.parseLong(args[3]);
    long commitTs = Long.parseLong(args[4]);
    ManagedChannel channel = Channels.open("127.0.0.1:" + args[0], Tls.plaintext());
    try {
      write(channel, new Prewrite(clusterId, startTs, valueBytes));
      write(channel, new Commit(clusterId, startTs, commitTs));
      MethodDescriptor<PullBinlogReq, Long> pull =
          PumpGrpc.getPullBinlogsMethod().toBuilder(
                  PumpGrpc.getPullBinlogsMethod().getRequestMarshaller(), new Summing(valueBytes))
              .build();
      Iterator<Long> pulled =
          ClientCalls.blockingServerStreamingCall(
              channel,
              pull,
              CallOptions.DEFAULT.withDeadlineAfter(300, TimeUnit.SECONDS),
              PullBinlogReq.newBuilder()
                  .setClusterID(clusterId)
                  .setStartFrom(Pos.newBuilder().setOffset(commitTs - 1))
                  .build());
      boolean same = pulled.next() == sum(valueBytes);
      System.out.println(same ? "pulled equal" : "pulled DIFFERENT");
    } finally {
      channel.shutdownNow();
    }
  }

  private static void write(ManagedChannel channel, Request request) {
    MethodDescriptor<Request, WriteBinlogResp> method =
        PumpGrpc.getWriteBinlogMethod().toBuilder(
                new Streaming(), PumpGrpc.getWriteBinlogMethod().getResponseMarshaller())
            .build();
    ClientCalls.blockingUnaryCall(
        channel, method, CallOptions.DEFAULT.withDeadlineAfter(300, TimeUnit.SECONDS), request);
  }

  /** Bytes of the value from {@code at} on; a pattern that differs from chunk to chunk. */
  private static void fill(byte[] chunk, int at) {
    for (int i = 0; i < chunk.length; i++) {
      int position = at + i;
      chunk[i] = (byte) (position ^ position >>> 16);
    }
  }

  private static long sum(int valueBytes) {
    CRC32C crc = new CRC32C();
    byte[] chunk = new byte[CHUNK];
    for (int at = 0; at < valueBytes; at += CHUNK) {
      fill(chunk, at);
      crc.update(chunk, 0, Math.min(CHUNK, valueBytes - at));
    }
    return crc.getValue();
  }

  /** A WriteBinlogReq: what stands before the value, the value's length, what stands after it. */
  private interface Request {
    byte[] head() throws IOException;

    int valueBytes();

    byte[] tail() throws IOException;
  }

  private record Prewrite(long clusterId, long startTs, int valueBytes) implements Request {
    @Override
    public byte[] head() throws IOException {
      byte[] before =
          encoded(
              out -> {
                out.writeEnum(1, 0);
                out.writeInt64(2, startTs);
                out.writeInt64(3, 0);
                out.writeByteArray(4, new byte[] {'k'});
                out.writeTag(5, 2);
                out.writeUInt32NoTag(valueBytes);
              });
      return encoded(
          out -> {
            out.writeUInt64(1, clusterId);
            out.writeTag(2, 2);
            out.writeUInt32NoTag(before.length + valueBytes + tail().length);
            out.writeRawBytes(before);
          });
    }

    @Override
    public byte[] tail() throws IOException {
      return encoded(
          out -> {
            out.writeInt64(7, 0);
            out.writeInt32(8, 0);
          });
    }
  }

  private record Commit(long clusterId, long startTs, long commitTs) implements Request {
    @Override
    public byte[] head() throws IOException {
      byte[] binlog =
          encoded(
              out -> {
                out.writeEnum(1, 1);
                out.writeInt64(2, startTs);
                out.writeInt64(3, commitTs);
              });
      return encoded(
          out -> {
            out.writeUInt64(1, clusterId);
            out.writeByteArray(2, binlog);
          });
    }

    @Override
    public int valueBytes() {
      return 0;
    }

    @Override
    public byte[] tail() {
      return new byte[0];
    }
  }

  private interface Encoding {
    void writeTo(CodedOutputStream out) throws IOException;
  }

  private static byte[] encoded(Encoding encoding) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    encoding.writeTo(out);
    out.flush();
    return bytes.toByteArray();
  }

  /** Sends a request without having it. */
  private static final class Streaming implements Marshaller<Request> {
    @Override
    public InputStream stream(Request request) {
      return new Outgoing(request);
    }

    @Override
    public Request parse(InputStream stream) {
      throw new UnsupportedOperationException();
    }
  }

  private static final class Outgoing extends InputStream implements Drainable, KnownLength {
    private final Request request;
    private final byte[] head;
    private final byte[] tail;

    Outgoing(Request request) {
      this.request = request;
      try {
        this.head = request.head();
        this.tail = request.tail();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public int available() {
      return head.length + request.valueBytes() + tail.length;
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
      target.write(head);
      byte[] chunk = new byte[CHUNK];
      for (int at = 0; at < request.valueBytes(); at += CHUNK) {
        fill(chunk, at);
        target.write(chunk, 0, Math.min(CHUNK, request.valueBytes() - at));
      }
      target.write(tail);
      return available();
    }

    @Override
    public int read() {
      throw new UnsupportedOperationException("drained only");
    }

    @Override
    public int read(byte[] into, int offset, int length) {
      throw new UnsupportedOperationException("drained only");
    }
  }

  /** Sums the value inside a response without keeping it. */
  private static final class Summing implements Marshaller<Long> {
    private final int valueBytes;

    Summing(int valueBytes) {
      this.valueBytes = valueBytes;
    }

    @Override
    public InputStream stream(Long value) {
      throw new UnsupportedOperationException();
    }

    /** The value ends a known number of bytes before the end: job, state and meta follow it. */
    @Override
    public Long parse(InputStream message) {
      try {
        int total = message.available();
        if (total < valueBytes) {
          return -1L;
        }
        byte[] chunk = new byte[CHUNK];
        CRC32C crc = new CRC32C();
        int skip = headBytes(message, chunk);
        int left = valueBytes - (CHUNK - skip);
        crc.update(chunk, skip, CHUNK - skip);
        while (left > 0) {
          int got = message.readNBytes(chunk, 0, Math.min(CHUNK, left));
          crc.update(chunk, 0, got);
          left -= got;
        }
        return crc.getValue();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** Reads the first chunk and finds where the value begins in it: after tag 5 and its length. */
    private int headBytes(InputStream message, byte[] chunk) throws IOException {
      message.readNBytes(chunk, 0, CHUNK);
      byte[] mark =
          encoded(
              out -> {
                out.writeTag(5, 2);
                out.writeUInt32NoTag(valueBytes);
              });
      for (int at = 0; at < 200; at++) {
        if (java.util.Arrays.equals(chunk, at, at + mark.length, mark, 0, mark.length)) {
          return at + mark.length;
        }
      }
      throw new IOException("no value of " + valueBytes + " bytes in the response");
    }
  }
}
