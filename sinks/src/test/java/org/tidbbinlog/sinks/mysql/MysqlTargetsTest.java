package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tidbbinlog.sinks.mysql.Upstream.table;
import static org.tidbbinlog.sinks.mysql.Upstream.transaction;
import static org.tidbbinlog.sinks.mysql.Upstream.update;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.airlock.DdlAirlock;
import org.tidbbinlog.drainer.server.DrainerConfig;
import org.tidbbinlog.drainer.server.DrainerSettings;
import org.tidbbinlog.drainer.sink.Divergences;
import org.tidbbinlog.drainer.sink.Sink;
import org.tidbbinlog.drainer.sink.SinkFactory;
import org.tidbbinlog.drainer.sink.TableVersion;
import org.tidbbinlog.drainer.sink.Target;
import org.tidbbinlog.node.metrics.Metrics;
import org.tidbbinlog.testkit.metrics.Exposition;

/** From a Drainer's file to what the target does. */
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class MysqlTargetsTest {
  @TempDir Path folder = Path.of("");
  private final String db = "targets" + TargetServer.unique();

  private DrainerSettings configured(String file) throws IOException {
    Path written = Files.writeString(folder.resolve("drainer.toml"), file);
    return DrainerConfig.parse(List.of("-config", written.toString()), Map.of()).settings();
  }

  private final Metrics metrics = new Metrics();
  private final Divergences seen = new Divergences();

  private void applyUpdateOfAMissingRow(String onDivergence) throws Exception {
    TargetServer server = TargetKind.MARIADB.server();
    MysqlTargetSettings.Endpoint at = server.settings().endpoint();
    server.execute("create database " + db, "create table " + db + ".t(id int primary key, v int)");
    DrainerSettings settings =
        configured(
            "[syncer.to]\nhost = \"127.0.0.1\"\nport = "
                + at.port()
                + "\n"
                + onDivergence
                + "[syncer.to.checkpoint]\nschema = \"cp_"
                + db
                + "\"\n");
    TableVersion t = table(db, "t", "id", "v");
    try (Target target =
            new MysqlTargets(metrics)
                .connect(
                    settings,
                    new SinkFactory.Surroundings(
                        TargetServer.unique(),
                        Tso.MAX,
                        folder,
                        Clock.system(),
                        DdlAirlock.stopping(Clock.system()),
                        seen));
        Sink sink = target.open(Optional.empty(), new Tso(1), new Acks())) {
      sink.submit(transaction(100, update(t, List.of(1, 1), List.of(1, 2))));
      assertThat(sink.drain(Duration.ofSeconds(20))).isTrue();
    }
  }

  @Test
  void missingRow_byDefault_isWarnedOfAndMended() throws Exception {
    applyUpdateOfAMissingRow("");
    assertThat(TargetKind.MARIADB.server().rows("select * from " + db + ".t"))
        .containsExactly("1,2");
    assertDivergedOnce();
  }

  /** As the port's answers tell it. */
  private void assertDivergedOnce() {
    Exposition exposed = Exposition.read(metrics.expose());
    assertThat(exposed.types()).containsEntry("binlog_drainer_divergence_count", "counter");
    assertThat(exposed.value("binlog_drainer_divergence_count")).isEqualTo(1);
    assertThat(seen.count()).isEqualTo(1);
    assertThat(seen.recent())
        .singleElement()
        .satisfies(
            one -> {
              assertThat(one.table()).isEqualTo("`" + db + "`.`t`");
              assertThat(one.key()).isEqualTo("`id`=1");
              assertThat(one.commitTs()).isEqualTo(new Tso(100));
            });
  }

  @Test
  void missingRow_withStop_stopsAndKeepsNothing() {
    assertThatThrownBy(() -> applyUpdateOfAMissingRow("on-divergence = \"stop\"\n"))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("target diverges: UPDATE on `" + db + "`.`t` of the row `id`=1")
        .hasMessageContaining("at commit ts 100")
        .hasMessageContaining("on-divergence = \"warn\"");
    assertThat(TargetKind.MARIADB.server().rows("select * from " + db + ".t")).isEmpty();
    assertDivergedOnce();
  }

  @Test
  void allowedNames_ofTargetAndCheckpoint_reachTheirConnections() throws Exception {
    DrainerSettings settings =
        configured(
            """
            [syncer.to.security]
            ssl-ca = "ca.pem"
            cert-allowed-cn = ["a", "b"]
            [syncer.to.checkpoint]
            type = "mysql"
            [syncer.to.checkpoint.security]
            ssl-ca = "ca.pem"
            cert-allowed-cn = ["c"]
            """);
    assertThat(MysqlTargets.settings(settings).endpoint().tls().allowedCommonNames())
        .containsExactly("a", "b");
    assertThat(MysqlTargets.endpoint(settings.checkpoint().endpoint()).tls().allowedCommonNames())
        .containsExactly("c");
  }
}
