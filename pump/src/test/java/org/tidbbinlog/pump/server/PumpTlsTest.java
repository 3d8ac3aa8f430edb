package org.tidbbinlog.pump.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.node.net.Channels;
import org.tidbbinlog.node.net.Tls;
import org.tidbbinlog.node.net.TlsSettings;
import org.tidbbinlog.testkit.ClusterDouble;
import org.tidbbinlog.wire.pump.PumpGrpc;
import org.tidbbinlog.wire.pump.WriteBinlogReq;

/** A Pump with a [security] section, in a cluster that speaks only TLS. */
@Timeout(90)
final class PumpTlsTest {
  @Test
  void securitySection_protectsThePort_andReachesTheCluster(@TempDir Path dir) throws Exception {
    TlsSettings settings = issue(dir);
    Tls tls = Tls.of(settings);
    Path toml =
        Files.writeString(
            dir.resolve("pump.toml"),
            """
            [security]
            ssl-ca = "%s"
            ssl-cert = "%s"
            ssl-key = "%s"
            """
                .formatted(settings.caPath(), settings.certPath(), settings.keyPath()));
    try (ClusterDouble cluster = ClusterDouble.start(ClusterDouble.Plan.small().withTls(tls));
        PumpUnderTest pump = PumpUnderTest.start(cluster, dir.resolve("data"), "-config=" + toml)) {
      ManagedChannel channel = Channels.open("127.0.0.1:" + pump.port(), tls);
      try {
        PumpGrpc.newBlockingStub(channel)
            .withDeadlineAfter(20, TimeUnit.SECONDS)
            .writeBinlog(WriteBinlogReq.newBuilder().setClusterID(cluster.clusterId()).build());
      } finally {
        channel.shutdownNow();
      }
      HttpRequest status =
          HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + pump.port() + "/status"))
              .build();
      HttpResponse<String> answer =
          HttpClient.newBuilder()
              .sslContext(tls.sslContext())
              .build()
              .send(status, HttpResponse.BodyHandlers.ofString());
      assertThat(answer.body()).contains("\"pump-1\"", "\"state\":\"online\"");
    }
  }

  private static TlsSettings issue(Path dir) throws Exception {
    X509Bundle root =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=test-ca")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    X509Bundle node =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=node")
            .addSanIpAddress("127.0.0.1")
            .buildIssuedBy(root);
    Path ca = Files.writeString(dir.resolve("ca.pem"), root.getCertificatePEM());
    Path cert = Files.writeString(dir.resolve("cert.pem"), node.getCertificatePEM());
    Path key = Files.writeString(dir.resolve("key.pem"), node.getPrivateKeyPEM());
    return new TlsSettings(ca.toString(), cert.toString(), key.toString(), List.of());
  }
}
