package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.sink.Checkpoint;
import org.tidbbinlog.sinks.mysql.target.SqlSession;
import org.tidbbinlog.sinks.mysql.target.TargetConnector;
import org.tidbbinlog.testkit.mariadb.MariaDb;

@Timeout(value = 2, unit = TimeUnit.MINUTES)
class TargetTlsTest {
  @TempDir Path folder = Path.of("");

  @Test
  void userThatMustShowACertificate_isLetInWithOne() throws Exception {
    Path ca = folder.resolve("ca.pem");
    try (MariaDb server = TlsMariaDb.start(folder)) {
      server.execute(
          "create user sealed@'127.0.0.1' identified by 'x' require x509",
          "grant all on *.* to sealed@'127.0.0.1'");
      MysqlTargetSettings with = settings(server, ca, "client.pem", "client.key");
      try (SqlSession session = TargetConnector.probe(with).open()) {
        assertThat(session.query("show status like 'Ssl_cipher'").get(0).get(1)).isNotEmpty();
      }
      TargetServer.open(with, TargetServer.unique(), ResumeFrom.initial(new Tso(1)), new Acks())
          .close();
      checkpointIsKept(with, settings(server, ca, "", ""));
      assertThatThrownBy(() -> TargetConnector.probe(settings(server, ca, "", "")))
          .isInstanceOf(OperatorException.class)
          .hasMessageContaining("1045")
          .hasMessageNotContaining("\n");
      assertThatThrownBy(() -> TargetConnector.probe(settings(server, ca, "client.pem", "")))
          .isInstanceOf(OperatorException.class)
          .hasMessageContaining("ssl-key");
      assertThatThrownBy(
              () -> TargetConnector.probe(settings(server, ca, "client.pem", "absent.key")))
          .isInstanceOf(OperatorException.class)
          .hasMessageContaining("absent.key");
      try (SqlSession session = TargetConnector.probe(named(with, "other", "server")).open()) {
        assertThat(session.query("select 1").get(0)).containsExactly("1");
      }
      TargetConnector.probe(named(settings(server, ca, "client.pem", "client.key"), "root"));
      assertThatThrownBy(() -> TargetConnector.probe(named(with, "tidb-target")))
          .isInstanceOf(OperatorException.class)
          .hasMessageContaining("[server, root]")
          .hasMessageContaining("cert-allowed-cn [tidb-target]")
          .hasMessageNotContaining("\n");
      server.execute(
          "create user veiled@'127.0.0.1' identified by 'x' require ssl",
          "grant all on *.* to veiled@'127.0.0.1'");
      MysqlTargetSettings without = as("veiled", settings(server, ca, "", ""));
      try (SqlSession session = TargetConnector.probe(named(without, "server")).open()) {
        assertThat(session.query("select 1").get(0)).containsExactly("1");
      }
      assertThatThrownBy(() -> TargetConnector.probe(named(without, "tidb-target")))
          .isInstanceOf(OperatorException.class)
          .hasMessageContaining("tidb-target");
    }
  }

  /** The checkpoint's server asks for the certificate of its own section. */
  private static void checkpointIsKept(MysqlTargetSettings with, MysqlTargetSettings without) {
    long cluster = TargetServer.unique();
    try (MysqlCheckpointStore store = MysqlCheckpointStore.open(with, cluster)) {
      store.save(new Checkpoint(true, new Tso(7), Map.of(), 1));
      assertThat(store.load().orElseThrow().commitTs()).isEqualTo(new Tso(7));
    }
    assertThatThrownBy(() -> MysqlCheckpointStore.open(without, cluster))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("1045");
  }

  private static MysqlTargetSettings named(MysqlTargetSettings settings, String... names) {
    MysqlTargetSettings.Endpoint at = settings.endpoint();
    MysqlTargetSettings.Tls tls = at.tls();
    return settings.withEndpoint(
        new MysqlTargetSettings.Endpoint(
            at.host(),
            at.port(),
            at.user(),
            at.password(),
            new MysqlTargetSettings.Tls(
                tls.caPath(), tls.certPath(), tls.keyPath(), List.of(names))));
  }

  private static MysqlTargetSettings as(String user, MysqlTargetSettings settings) {
    MysqlTargetSettings.Endpoint at = settings.endpoint();
    return settings.withEndpoint(
        new MysqlTargetSettings.Endpoint(at.host(), at.port(), user, at.password(), at.tls()));
  }

  private MysqlTargetSettings settings(MariaDb server, Path ca, String cert, String key) {
    return MysqlTargetSettings.of("127.0.0.1", server.port(), "", "")
        .withEndpoint(
            new MysqlTargetSettings.Endpoint(
                "127.0.0.1",
                server.port(),
                "sealed",
                "x",
                new MysqlTargetSettings.Tls(
                    ca.toString(),
                    cert.isEmpty() ? "" : folder.resolve(cert).toString(),
                    key.isEmpty() ? "" : folder.resolve(key).toString(),
                    List.of())));
  }
}
