package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tidbbinlog.sinks.mysql.Upstream.insert;
import static org.tidbbinlog.sinks.mysql.Upstream.table;
import static org.tidbbinlog.sinks.mysql.Upstream.transaction;

import java.time.Duration;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.sink.Applying;
import org.tidbbinlog.drainer.sink.RowChange;
import org.tidbbinlog.drainer.sink.TableVersion;
import org.tidbbinlog.testkit.network.Step;
import org.tidbbinlog.testkit.network.StepProxy;

/** One large transaction and a target that is slow to commit. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class LongTransactionProgressTest {
  private static final int ROWS = 20_000;

  private final OwnNames names = OwnNames.beginningWith("long");
  private final TargetServer server = TargetKind.MARIADB.server();

  /** Cuts nothing. */
  private static final class Slow implements StepProxy.Plan {
    @Override
    public Optional<Step> next(String sql) {
      return Optional.empty();
    }

    @Override
    public Duration delay(String sql) {
      return Duration.ofMillis(20);
    }
  }

  @ParameterizedTest
  @EnumSource(MysqlTargetSettings.Dispatch.class)
  void rowsApplied_growToTheTotal(MysqlTargetSettings.Dispatch dispatch) throws Exception {
    server.execute(
        "create database " + names.db(),
        "create table " + names.db() + ".t(id bigint primary key, n bigint)");
    TreeSet<Long> seen = new TreeSet<>();
    int port = server.settings().endpoint().port();
    Acks acks = new Acks();
    try (StepProxy proxy = new StepProxy("127.0.0.1", port, new Slow());
        MysqlSink sink =
            TargetServer.open(
                names
                    .settings(proxy.port())
                    .withWorkers(2, 100)
                    .withDispatch(dispatch, MysqlTargetSettings.Detection.ON),
                names.cluster(),
                ResumeFrom.initial(new Tso(1)),
                acks)) {
      assertThat(sink.applying()).isEmpty();
      Thread giving = new Thread(() -> give(sink));
      giving.start();
      long before = 0;
      while (acks.last().isZero()) {
        assertThat(acks.failure.get()).isNull();
        Optional<Applying> now = sink.applying();
        if (now.isPresent()) {
          assertThat(now.get().commitTs()).isEqualTo(new Tso(10));
          assertThat(now.get().rowsTotal()).isEqualTo(ROWS);
          assertThat(now.get().rowsApplied()).isBetween(before, (long) ROWS);
          before = now.get().rowsApplied();
          seen.add(before);
        }
        Thread.sleep(1);
      }
      giving.join();
      assertThat(sink.drain(Duration.ofSeconds(30))).isTrue();
      assertThat(sink.applying()).isEmpty();
    }
    assertThat(seen).hasSizeGreaterThan(5);
    assertThat(seen.last()).isGreaterThanOrEqualTo(ROWS - 100L);
    assertThat(server.rows("select count(*) from " + names.db() + ".t"))
        .containsExactly(String.valueOf(ROWS));
    server.execute("drop database " + names.db());
  }

  private void give(MysqlSink sink) {
    TableVersion t = table(names.db(), "t", "id", "n");
    RowChange[] rows = new RowChange[ROWS];
    for (int i = 0; i < ROWS; i++) {
      rows[i] = insert(t, i, i);
    }
    try {
      sink.submit(transaction(10, rows));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
