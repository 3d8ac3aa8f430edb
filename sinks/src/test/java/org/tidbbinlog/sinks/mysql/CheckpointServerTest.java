package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tidbbinlog.sinks.mysql.Upstream.insert;
import static org.tidbbinlog.sinks.mysql.Upstream.table;
import static org.tidbbinlog.sinks.mysql.Upstream.transaction;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.airlock.DdlAirlock;
import org.tidbbinlog.drainer.server.DrainerConfig;
import org.tidbbinlog.drainer.server.DrainerSettings;
import org.tidbbinlog.drainer.sink.Checkpoint;
import org.tidbbinlog.drainer.sink.Divergences;
import org.tidbbinlog.drainer.sink.Sink;
import org.tidbbinlog.drainer.sink.SinkFactory;
import org.tidbbinlog.drainer.sink.Target;
import org.tidbbinlog.node.metrics.Metrics;
import org.tidbbinlog.testkit.mariadb.MariaDb;

/** {@code [syncer.to.checkpoint]} of a Drainer's file, from its text to the row. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class CheckpointServerTest {
  @TempDir Path folder = Path.of("");
  private final long cluster = TargetServer.unique();
  private final String name = "cps" + TargetServer.unique();
  private final TargetServer rowsAt = TargetKind.MARIADB.server();

  @AfterEach
  void drop() {
    rowsAt.execute("drop database if exists " + name, "drop database if exists db_" + name);
  }

  @Test
  void rowIsOnTheServerOfItsSection_withItsUserAndCertificate_theLedgerAtTheTarget()
      throws Exception {
    Path ca = folder.resolve("ca.pem");
    try (MariaDb other = TlsMariaDb.start(folder)) {
      other.execute(
          "create user keeper@'127.0.0.1' identified by 'k' require x509",
          "grant all on *.* to keeper@'127.0.0.1'");
      String security =
          "[syncer.to.checkpoint.security]\nssl-ca = \"%s\"\nssl-cert = \"%s\"\nssl-key = \"%s\"\n"
              .formatted(ca, folder.resolve("client.pem"), folder.resolve("client.key"));
      apply(file(other.port(), "keeper", "k", security));
      assertThat(TargetServer.of(other).rows("select clusterID, checkPoint from " + name + ".pos"))
          .singleElement()
          .asString()
          .startsWith(cluster + ",{\"consistent\":true,\"commitTS\":30,")
          .contains("\"ledger\":\"");
      assertThat(rowsAt.rows("show tables from " + name)).contains("drainer_ledger");
      assertThat(rowsAt.rows("show tables from " + name)).doesNotContain("pos");
      assertThat(rowsAt.rows("select v from db_" + name + ".t")).containsExactly("1");
      assertThatThrownBy(() -> apply(file(other.port(), "keeper", "k", "")))
          .isInstanceOf(OperatorException.class)
          .hasMessageContaining("keeper@127.0.0.1:" + other.port());
      assertThatThrownBy(() -> apply(file(other.port(), "keeper", "wrong", security)))
          .isInstanceOf(OperatorException.class)
          .hasMessageContaining("1045");
      assertThatThrownBy(
              () ->
                  apply(
                      file(other.port(), "keeper", "k", security + "cert-allowed-cn = [\"x\"]\n")))
          .isInstanceOf(OperatorException.class)
          .hasMessageContaining("cert-allowed-cn");
    }
  }

  @Test
  void sectionThatNamesTheTargetItself_keepsRowAndLedgerInOneTransaction() throws Exception {
    apply(file(rowsAt.settings().endpoint().port(), "root", "", ""));
    assertThat(rowsAt.rows("select checkPoint from " + name + ".pos"))
        .singleElement()
        .asString()
        .contains("\"commitTS\":30")
        .doesNotContain("ledger");
    assertThat(rowsAt.rows("select lowWatermark from " + name + ".drainer_ledger where slot<=0"))
        .containsExactly("30");
  }

  private String file(int port, String user, String password, String security) {
    return """
        [syncer.to]
        host = "127.0.0.1"
        port = %d
        user = "root"
        [syncer.to.checkpoint]
        type = "mysql"
        schema = "%s"
        table = "pos"
        host = "127.0.0.1"
        port = %d
        user = "%s"
        password = "%s"
        """
            .formatted(rowsAt.settings().endpoint().port(), name, port, user, password)
        + security;
  }

  /** One row and the checkpoint behind it. */
  private void apply(String file) throws Exception {
    try (Target target =
        new MysqlTargets(new Metrics())
            .connect(
                configured(file),
                new SinkFactory.Surroundings(
                    cluster,
                    Tso.MAX,
                    folder,
                    Clock.system(),
                    DdlAirlock.stopping(Clock.system()),
                    new Divergences()))) {
      rowsAt.execute("create database db_" + name, "create table db_" + name + ".t(v int)");
      Optional<Checkpoint> loaded = target.checkpoints().load();
      try (Sink sink = target.open(loaded, new Tso(1), new Acks())) {
        sink.submit(transaction(30, insert(table("db_" + name, "t", "v"), 1)));
        assertThat(sink.drain(Duration.ofSeconds(20))).isTrue();
      }
      target.checkpoints().save(new Checkpoint(true, new Tso(30), Map.of(), 1));
      assertThat(target.checkpoints().load().map(Checkpoint::commitTs)).contains(new Tso(30));
    }
  }

  private DrainerSettings configured(String file) throws IOException {
    Path written = Files.writeString(folder.resolve("drainer.toml"), file);
    return DrainerConfig.parse(List.of("-config", written.toString()), Map.of()).settings();
  }
}
