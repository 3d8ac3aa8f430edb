package org.tidbbinlog.node.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.node.net.Channels;
import org.tidbbinlog.node.net.TestPki;
import org.tidbbinlog.node.net.Tls;
import org.tidbbinlog.node.net.TlsSettings;
import org.tidbbinlog.wire.pump.PumpGrpc;
import org.tidbbinlog.wire.pump.WriteBinlogReq;

/** One TLS port: with ALPN and without, one-way and mutual, names and replaced files. */
@Timeout(60)
class TlsPortTest {
  private final Path folder;
  private final TestPki pki;

  TlsPortTest(@TempDir Path folder) throws Exception {
    this.folder = folder;
    pki = new TestPki(folder, "the-ca");
    pki.issue("server", "pump-1");
    pki.issueRsa("client", "drainer-1");
  }

  @Test
  void tls_grpcWithAlpnAndHttpsOnOnePort_bothAnswered() throws Exception {
    try (PortServer server = serve(pki.settings("server"))) {
      assertThat(write(server, pki.settings("client"))).isEqualTo("bytes 4");
      for (HttpClient.Version version : HttpClient.Version.values()) {
        HttpResponse<String> reply = get(server, version);
        assertThat(reply.statusCode()).isEqualTo(200);
        assertThat(reply.body()).isEqualTo("fine");
        assertThat(reply.version())
            .as("a browser that offers both gets HTTP/1.1")
            .isEqualTo(HttpClient.Version.HTTP_1_1);
      }
    }
  }

  @Test
  void tls_peerWithoutAlpn_isToldApartByItsFirstBytes() throws Exception {
    try (PortServer server = serve(pki.settings("server"))) {
      try (RawHttp http = new RawHttp(socket(server))) {
        assertThat(http.get("/ok")).endsWith("fine");
      }
      try (SSLSocket socket = socket(server)) {
        socket
            .getOutputStream()
            .write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().write(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0}); // SETTINGS
        socket.getOutputStream().flush();
        byte[] frame = socket.getInputStream().readNBytes(9);
        assertThat(frame[3]).as("the answer is a SETTINGS frame").isEqualTo((byte) 4);
      }
    }
  }

  @Test
  @DisplayName("pump-protocol fact 16: a client pulls from a TLS server that speaks no ALPN")
  void client_serverWithoutAlpn_isUsedAllTheSame() throws Exception {
    try (PortServer backend = serve(TlsSettings.NONE);
        NoAlpnRelay relay =
            new NoAlpnRelay(Tls.of(pki.settings("server")).sslContext(), backend.port())) {
      ManagedChannel channel =
          Channels.open("127.0.0.1:" + relay.port(), Tls.of(pki.settings("client")));
      assertThat(write(channel)).isEqualTo("bytes 4");
      channel.shutdownNow();
    }
  }

  @Test
  void mutualTls_namesOfBothSides_areChecked() throws Exception {
    try (PortServer server = serve(pki.settings("server", "drainer-1", "other"))) {
      assertThat(write(server, pki.settings("client", " pump-1 "))).isEqualTo("bytes 4");
      assertThatThrownBy(() -> write(server, pki.settings("client", "pump-2")))
          .as("the server's name is not in the client's list")
          .isInstanceOf(StatusRuntimeException.class);
      pki.issue("stranger", "drainer-9");
      assertThatThrownBy(() -> write(server, pki.settings("stranger")))
          .as("the client's name is not in the server's list")
          .isInstanceOf(StatusRuntimeException.class);
      TlsSettings noIdentity = new TlsSettings(pki.caPath().toString(), "", "", List.of());
      assertThatThrownBy(() -> write(server, noIdentity))
          .as("no client certificate at all")
          .isInstanceOf(StatusRuntimeException.class);
    }
  }

  @Test
  void mutualTls_nameOfTheAuthority_countsToo() throws Exception {
    try (PortServer server = serve(pki.settings("server", "the-ca"))) {
      assertThat(write(server, pki.settings("client"))).isEqualTo("bytes 4");
    }
  }

  @Test
  void mutualTls_nameOfCertificateSentAlong_doesNotCount() throws Exception {
    pki.issueWithStranger("forged", "drainer-9", "drainer-1");
    try (PortServer server = serve(pki.settings("server", "drainer-1"))) {
      assertThatThrownBy(() -> write(server, pki.settings("forged")))
          .isInstanceOf(StatusRuntimeException.class);
    }
  }

  @Test
  void tls_filesReplaced_nextHandshakeUsesThem() throws Exception {
    try (PortServer server = serve(pki.settings("server"))) {
      assertThat(peerName(server)).isEqualTo("CN=pump-1");
      pki.issue("server", "pump-1-renewed");
      assertThat(peerName(server)).isEqualTo("CN=pump-1-renewed");
      Files.writeString(folder.resolve("server.pem"), "half a file");
      assertThat(peerName(server)).as("unreadable: the old one").isEqualTo("CN=pump-1-renewed");
      pki.issueRsa("server", "pump-1-again");
      assertThat(peerName(server)).isEqualTo("CN=pump-1-again");
    }
  }

  @Test
  void tls_otherAuthority_isRefused(@TempDir Path elsewhere) throws Exception {
    TestPki other = new TestPki(elsewhere, "another-ca");
    other.issue("client", "drainer-1");
    try (PortServer server = serve(pki.settings("server"))) {
      assertThatThrownBy(() -> write(server, other.settings("client")))
          .isInstanceOf(StatusRuntimeException.class);
    }
  }

  @Test
  void tls_missingFile_isToldAtStart() {
    assertThatThrownBy(() -> Tls.of(pki.settings("nobody")))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("tls config ")
        .hasMessageContaining("nobody.pem");
    TlsSettings onlyCa = new TlsSettings(pki.caPath().toString(), "", "", List.of());
    assertThatThrownBy(() -> serve(onlyCa)).hasMessageContaining("ssl-cert and ssl-key");
    assertThat(Tls.of(new TlsSettings("", "ignored.pem", "ignored.key", List.of())).active())
        .isFalse();
  }

  private static PortServer serve(TlsSettings settings) {
    return PortServer.builder("tls")
        .tls(Tls.of(settings))
        .service(new EchoPump())
        .routes(HttpRoutes.builder().get("/ok", exchange -> HttpReply.ok("fine")).build())
        .start();
  }

  private static String write(PortServer server, TlsSettings settings) {
    ManagedChannel channel = Channels.open("127.0.0.1:" + server.port(), Tls.of(settings));
    try {
      return write(channel);
    } finally {
      channel.shutdownNow();
    }
  }

  private static String write(ManagedChannel channel) {
    ByteString payload = ByteString.copyFrom(new byte[4]);
    return PumpGrpc.newBlockingStub(channel)
        .writeBinlog(WriteBinlogReq.newBuilder().setPayload(payload).build())
        .getErrmsg();
  }

  private HttpResponse<String> get(PortServer server, HttpClient.Version version) throws Exception {
    SSLContext context = Tls.of(pki.settings("client")).sslContext();
    return HttpClient.newBuilder()
        .sslContext(context)
        .version(version)
        .build()
        .send(
            HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + server.port() + "/ok"))
                .build(),
            HttpResponse.BodyHandlers.ofString());
  }

  private SSLSocket socket(PortServer server) throws Exception {
    SSLContext context = Tls.of(pki.settings("client")).sslContext();
    SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", server.port());
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    socket.setSSLParameters(parameters);
    socket.setSoTimeout(5_000);
    return socket;
  }

  private String peerName(PortServer server) throws Exception {
    try (SSLSocket socket = socket(server)) {
      socket.startHandshake();
      X509Certificate peer = (X509Certificate) socket.getSession().getPeerCertificates()[0];
      return peer.getSubjectX500Principal().getName();
    }
  }
}
