package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tidbbinlog.sinks.mysql.Upstream.insert;
import static org.tidbbinlog.sinks.mysql.Upstream.table;
import static org.tidbbinlog.sinks.mysql.Upstream.transaction;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.airlock.DdlAirlock;
import org.tidbbinlog.drainer.airlock.DdlChoice.Action;
import org.tidbbinlog.drainer.airlock.OnDdlError;
import org.tidbbinlog.drainer.sink.TableVersion;

/** Rows of tables that a held DDL does not touch are not late for it. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class HeldDdlLagTest {
  private static final Duration HELD_FOR = Duration.ofSeconds(3);
  private static final Duration BETWEEN_ROWS = Duration.ofMillis(20);
  private static final long HELD_TS = 100;

  @TempDir Path folder = Path.of("");

  @Test
  void rowsOfOtherTables_areInTheTargetWhileADdlIsHeld_andTheCheckpointStaysBeforeIt()
      throws Exception {
    TargetServer server = TargetKind.MARIADB.server();
    String db = "l" + TargetServer.unique();
    TableVersion a = table(db, "a", "v");
    TableVersion b = table(db, "b", "v");
    server.execute(
        "create database " + db,
        "create table " + db + ".a(v bigint)",
        "create table " + db + ".b(v bigint)");
    List<Long> lagsNs = new ArrayList<>();
    try (AirlockStage stage = new AirlockStage(server, server.settings(), folder)) {
      stage.start(OnDdlError.HOLD);
      stage.submit(transaction(50, insert(a, 0), insert(b, 0)));
      stage.submit(Upstream.ddl(HELD_TS, db, "a", "ALTER TABLE `a` ADD INDEX `i`(`absent`)"));
      long untilNs = System.nanoTime() + HELD_FOR.toNanos();
      long ts = HELD_TS;
      while (System.nanoTime() < untilNs) {
        ts++;
        long sentNs = System.nanoTime();
        stage.submit(transaction(ts, insert(a, ts), insert(b, ts)));
        awaitRow(server, db, ts);
        lagsNs.add(System.nanoTime() - sentNs);
        assertThat(stage.airlock().state()).isEqualTo(DdlAirlock.State.HELD);
        assertThat(stage.acknowledged()).isEqualTo(new Tso(50));
        Thread.sleep(BETWEEN_ROWS.toMillis());
      }
      assertThat(server.rows("select v from " + db + ".a")).containsExactly("0");
      stage.choose(Action.SKIP, "");
      stage.awaitAllApplied();
      assertThat(stage.acknowledged()).isEqualTo(new Tso(ts));
      String rows = Long.toString(lagsNs.size() + 1L);
      for (TableVersion each : List.of(a, b)) {
        assertThat(
                server.rows("select count(*), count(distinct v) from " + db + "." + each.table()))
            .containsExactly(rows + "," + rows);
      }
    }
    Collections.sort(lagsNs);
    System.out.printf(
        "lag of other tables while a ddl is held: rows=%d p50=%d us, p99=%d us%n",
        lagsNs.size(),
        lagsNs.get(lagsNs.size() / 2) / 1000,
        lagsNs.get(lagsNs.size() * 99 / 100) / 1000);
  }

  /** It comes before the DDL is released: nothing else is asked of its time. */
  private static void awaitRow(TargetServer server, String db, long v) throws Exception {
    while (server.rows("select v from " + db + ".b where v=" + v).isEmpty()) {
      Thread.sleep(1);
    }
  }
}
