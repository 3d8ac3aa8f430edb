package org.tidbbinlog.node.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ConnectivityState;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.node.net.Channels;
import org.tidbbinlog.node.net.Tls;
import org.tidbbinlog.wire.pump.Pos;
import org.tidbbinlog.wire.pump.PullBinlogReq;
import org.tidbbinlog.wire.pump.PumpGrpc;
import org.tidbbinlog.wire.pump.WriteBinlogReq;

/** One plaintext port, real sockets. */
@Timeout(60)
class PortServerTest {
  private final EchoPump pump = new EchoPump();
  private final CountDownLatch release = new CountDownLatch(1);
  private final HttpRoutes routes =
      HttpRoutes.builder()
          .get("/status", exchange -> HttpReply.json("{\"ok\":true}\n"))
          .put(
              "/state/{nodeID}/{action}",
              exchange ->
                  HttpReply.ok(exchange.pathParam("nodeID") + "|" + exchange.pathParam("action")))
          .post("/echo", exchange -> new HttpReply(200, HttpReply.TEXT, exchange.body()))
          .get("/query", exchange -> HttpReply.ok(exchange.query().toString()))
          .get(
              "/slow",
              exchange -> {
                release.await();
                return HttpReply.ok("late");
              })
          .get(
              "/broken",
              exchange -> {
                throw new IllegalStateException("no such thing");
              })
          .get(
              "/gone",
              exchange -> {
                throw new NoClassDefFoundError("no such class");
              })
          .build();
  private final PortServer server =
      PortServer.builder("test")
          .service(pump)
          .routes(routes)
          .maxInboundMessageBytes(100_000)
          .start();
  private final ManagedChannel channel =
      Channels.open("127.0.0.1:" + server.port(), Tls.plaintext());

  @AfterEach
  void stop() {
    release.countDown();
    channel.shutdownNow();
    server.close();
  }

  @Test
  @DisplayName("pump-protocol fact 13: gRPC and an HTTP/1 GET work on the same port")
  void port_grpcAndHttp_bothAnswered() throws Exception {
    assertThat(write(3)).isEqualTo("bytes 3");
    try (RawHttp http = RawHttp.to(server.port())) {
      assertThat(http.get("/status")).startsWith("HTTP/1.1 200 OK").endsWith("{\"ok\":true}\n");
      assertThat(http.get("/status")).as("kept alive").contains("application/json");
    }
    var pulled =
        PumpGrpc.newBlockingStub(channel)
            .pullBinlogs(
                PullBinlogReq.newBuilder().setStartFrom(Pos.newBuilder().setOffset(500)).build());
    int count = 0;
    while (pulled.hasNext()) {
      pulled.next();
      count++;
    }
    assertThat(count).isEqualTo(500);
  }

  /** A peer whose machine is gone: it reads, so TCP is content, and never answers. */
  @Test
  void grpc_peerThatAnswersNoPing_isCut() throws Exception {
    try (PortServer watchful =
            PortServer.builder("watchful")
                .service(pump)
                .keepAlive(Duration.ofMillis(100), Duration.ofMillis(200))
                .start();
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), watchful.port())) {
      byte[] emptySettings = {0, 0, 0, 4, 0, 0, 0, 0, 0};
      socket.getOutputStream().write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII));
      socket.getOutputStream().write(emptySettings);
      assertThat(socket.getInputStream().readAllBytes()).as("and then the end").isNotEmpty();
    }
  }

  @Test
  void grpc_peerThatAnswersPings_isLeftAlone() throws Exception {
    try (PortServer watchful =
        PortServer.builder("watchful")
            .service(pump)
            .keepAlive(Duration.ofMillis(50), Duration.ofMillis(2000))
            .start()) {
      ManagedChannel idle = Channels.open("127.0.0.1:" + watchful.port(), Tls.plaintext());
      try {
        PumpGrpc.newBlockingStub(idle).writeBinlog(WriteBinlogReq.getDefaultInstance());
        Thread.sleep(500);
        assertThat(idle.getState(false)).isEqualTo(ConnectivityState.READY);
      } finally {
        idle.shutdownNow();
      }
    }
  }

  @Test
  void http_firstBytesArriveOneByOne_stillAnswered() throws Exception {
    try (RawHttp http = RawHttp.to(server.port())) {
      for (char c : "GET /status HTTP/1.1\r\nHost: x\r\n\r\n".toCharArray()) {
        http.send(String.valueOf(c));
      }
      assertThat(http.receive()).startsWith("HTTP/1.1 200");
    }
  }

  /** P is also the first letter of gRPC's preface. */
  @Test
  void http_putAndPost_notTakenForGrpc() throws Exception {
    try (RawHttp http = RawHttp.to(server.port())) {
      assertThat(http.exchange("PUT", "/state/vm%3A8250/pause")).endsWith("\r\n\r\nvm:8250|pause");
    }
    try (RawHttp http = RawHttp.to(server.port())) {
      http.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");
      assertThat(http.receive()).endsWith("hello");
    }
    try (RawHttp http = RawHttp.to(server.port())) {
      http.send("P");
      Thread.sleep(50);
      http.send("UT /state/a/close HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(http.receive()).endsWith("a|close");
    }
  }

  @Test
  void http_unknownPathOrMethod_isAnsweredAsByTheOriginal() throws Exception {
    try (RawHttp http = RawHttp.to(server.port())) {
      assertThat(http.get("/nothing"))
          .startsWith("HTTP/1.1 404")
          .endsWith("\r\n\r\n404 page not found\n");
      assertThat(http.exchange("POST", "/status"))
          .startsWith("HTTP/1.1 405")
          .contains("content-length: 0")
          .endsWith("\r\n\r\n");
      assertThat(http.get("/broken")).startsWith("HTTP/1.1 500").endsWith("no such thing\n");
      assertThat(http.get("/gone")).startsWith("HTTP/1.1 500").endsWith("no such class\n");
      assertThat(http.get("/query?a=1&b=x+y%21")).endsWith("{a=1, b=x y!}");
      assertThat(http.get("/state/onlyOnePart")).startsWith("HTTP/1.1 404");
    }
  }

  @Test
  void http_upgradeToH2c_isAnsweredAsHttp11() throws Exception {
    try (RawHttp http = RawHttp.to(server.port())) {
      String upgrade = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA";
      http.send("GET /status HTTP/1.1\r\nHost: x\r\n" + upgrade + "\r\n\r\n");
      assertThat(http.receive()).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void http_pipelinedRequests_areAnsweredInOrder() throws Exception {
    try (RawHttp http = RawHttp.to(server.port())) {
      http.send(
          "GET /query?n=1 HTTP/1.1\r\nHost: x\r\n\r\nGET /query?n=2 HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(http.receive()).endsWith("{n=1}");
      assertThat(http.receive()).endsWith("{n=2}");
    }
  }

  @Test
  void http_connectionClose_isHonoured() throws Exception {
    try (RawHttp http = RawHttp.to(server.port())) {
      http.send("GET /status HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      assertThat(http.receive()).contains("connection: close");
      assertThat(http.closedByPeer()).isTrue();
    }
  }

  @Test
  @DisplayName("pump-protocol fact 12: a message over the limit fails with the text TiDB looks for")
  void grpc_messageOverLimit_namedAsTheOriginalDoes() {
    for (String compressor : new String[] {"identity", "gzip"}) {
      assertThatThrownBy(
              () ->
                  PumpGrpc.newBlockingStub(channel)
                      .withCompression(compressor)
                      .writeBinlog(request(100_001)))
          .as(compressor)
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              e -> {
                assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
                assertThat(e.getStatus().getDescription())
                    .contains("grpc: received message larger than max (")
                    .endsWith(" vs. 100000)");
              });
    }
    assertThat(write(90_000)).as("the connection goes on").isEqualTo("bytes 90000");
    assertThat(pump.writes).hasValue(1);
  }

  @Test
  @DisplayName("pump-protocol fact 11: a request with gzip is answered with gzip")
  void grpc_gzipRequest_gzipReply() {
    for (Map.Entry<String, String> pair :
        Map.of("gzip", "gzip", "identity", "identity").entrySet()) {
      AtomicReference<String> seen = new AtomicReference<>("nothing");
      PumpGrpc.newBlockingStub(channel)
          .withCompression(pair.getKey())
          .withInterceptors(new EncodingProbe(seen))
          .writeBinlog(request(2_000));
      assertThat(seen.get()).isEqualTo(pair.getValue());
    }
  }

  @Test
  void unixSocket_grpc_answered(@TempDir Path folder) throws Exception {
    Path socket = folder.resolve("pump.sock");
    PortServer first = PortServer.builder("unix").service(pump).unixSocket(socket).start();
    assertThat(Files.exists(socket)).isTrue();
    first.close();
    assertThat(Files.exists(socket)).as("removed at shutdown").isFalse();
    PortServer second = PortServer.builder("unix").service(pump).unixSocket(socket).start();
    try {
      ManagedChannel local = Channels.openUnix(socket);
      assertThat(PumpGrpc.newBlockingStub(local).writeBinlog(request(7)).getErrmsg())
          .isEqualTo("bytes 7");
      local.shutdownNow();
    } finally {
      second.close();
    }
  }

  @Test
  void unixSocket_leftBehindOrInUse_replacedOrRefused(@TempDir Path folder) throws Exception {
    Path socket = folder.resolve("pump.sock");
    try (ServerSocketChannel killed = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      killed.bind(UnixDomainSocketAddress.of(socket));
    }
    assertThat(Files.exists(socket)).as("left behind").isTrue();
    try (PortServer first = PortServer.builder("unix").service(pump).unixSocket(socket).start()) {
      assertThat(first.port()).isPositive();
      assertThatThrownBy(() -> PortServer.builder("second").unixSocket(socket).start())
          .isInstanceOf(OperatorException.class)
          .hasMessageContaining("cannot listen on " + socket + ": another process is using it");
      assertThat(Files.exists(socket)).as("still the first one's").isTrue();
    }
    Files.writeString(socket, "a file of the user");
    assertThatThrownBy(() -> PortServer.builder("third").unixSocket(socket).start())
        .hasMessageContaining("cannot listen on " + socket);
    assertThat(socket).hasContent("a file of the user");
  }

  @Test
  void port_taken_oneLineNamesIt() {
    String taken = "127.0.0.1:" + server.port();
    assertThatThrownBy(() -> PortServer.builder("second").listen(taken).start())
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("cannot listen on " + taken)
        .hasMessageContaining("Address already in use");
    assertThatThrownBy(() -> PortServer.builder("x").listen("nohost").start())
        .hasMessageContaining("listen address nohost has no port");
  }

  @Test
  void shutdown_runningHttpRequest_getsItsReply() throws Exception {
    try (RawHttp http = RawHttp.to(server.port())) {
      http.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
      Thread.sleep(100);
      Thread stopper = new Thread(() -> server.shutdown(Duration.ofSeconds(10)), "stopper");
      stopper.start();
      Thread.sleep(100);
      release.countDown();
      assertThat(http.receive()).endsWith("late");
      stopper.join(TimeUnit.SECONDS.toMillis(10));
      assertThat(stopper.isAlive()).isFalse();
    }
    assertThatThrownBy(() -> write(1)).isInstanceOf(StatusRuntimeException.class);
  }

  private String write(int bytes) {
    return PumpGrpc.newBlockingStub(channel).writeBinlog(request(bytes)).getErrmsg();
  }

  private static WriteBinlogReq request(int bytes) {
    return WriteBinlogReq.newBuilder().setPayload(ByteString.copyFrom(new byte[bytes])).build();
  }

  /** Remembers the encoding of the reply. */
  private record EncodingProbe(AtomicReference<String> seen) implements ClientInterceptor {
    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(
        MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
      return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
        @Override
        public void start(Listener<A> listener, Metadata headers) {
          super.start(
              new SimpleForwardingClientCallListener<>(listener) {
                @Override
                public void onHeaders(Metadata reply) {
                  String encoding =
                      reply.get(Metadata.Key.of("grpc-encoding", Metadata.ASCII_STRING_MARSHALLER));
                  seen.set(encoding == null ? "identity" : encoding);
                  super.onHeaders(reply);
                }
              },
              headers);
        }
      };
    }
  }
}
