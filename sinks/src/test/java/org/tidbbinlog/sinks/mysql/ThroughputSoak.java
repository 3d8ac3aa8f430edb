package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.sink.TableVersion;
import org.tidbbinlog.testkit.mariadb.MariaDb;
import org.tidbbinlog.testkit.mariadb.MariaDbOptions;

/** How fast single-row transactions are applied; prints, asserts only what must be there. */
@Tag("soak")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ThroughputSoak {
  private static final Logger LOG = LoggerFactory.getLogger(ThroughputSoak.class);
  private static final int ROWS = 100_000;
  @TempDir Path directory = Path.of("");

  @Test
  void singleRowTransactions_areTimed() throws Exception {
    try (MariaDb server =
        MariaDb.start(directory.resolve("data"), MariaDbOptions.serverDefaults())) {
      server.execute(
          "create database d",
          "create table d.t(id int primary key, k int, c char(120), pad char(60), key(k))");
      TableVersion t = Upstream.table("d", "t", "id", "k", "c", "pad");
      try (MysqlSink sink =
          TargetServer.open(
              TargetServer.of(server).settings().withWorkers(16, 20),
              TargetServer.unique(),
              ResumeFrom.initial(new Tso(1)),
              new Acks())) {
        time(sink, "insert", 100, i -> Upstream.insert(t, row(i, i)));
        time(
            sink,
            "update",
            1_000_000,
            i -> Upstream.update(t, Arrays.asList(row(i, i)), Arrays.asList(row(i, i + 1))));
        time(
            sink,
            "hot",
            2_000_000,
            i ->
                Upstream.update(
                    t,
                    Arrays.asList(row(i % 10, i / 10 + i % 10 + 1)),
                    Arrays.asList(row(i % 10, i / 10 + i % 10 + 2))));
        time(sink, "delete", 3_000_000, i -> Upstream.delete(t, row(i, i + 1)));
        assertThat(sink.counters().rows()).isEqualTo(4L * ROWS);
      }
    }
  }

  private interface Change {
    org.tidbbinlog.drainer.sink.RowChange at(int i);
  }

  private static Object[] row(int id, int k) {
    return new Object[] {id, k, "c".repeat(119), "p".repeat(59)};
  }

  private static void time(MysqlSink sink, String what, long firstTs, Change change)
      throws InterruptedException {
    long start = System.nanoTime();
    long before = sink.counters().targetTransactions();
    for (int i = 0; i < ROWS; i++) {
      sink.submit(Upstream.transaction(firstTs + i, List.of(change.at(i))));
    }
    assertThat(sink.drain(Duration.ofMinutes(2))).isTrue();
    double seconds = (System.nanoTime() - start) / 1e9;
    LOG.atInfo()
        .addKeyValue("what", what)
        .addKeyValue("rows-per-second", Math.round(ROWS / seconds))
        .addKeyValue("target-transactions", sink.counters().targetTransactions() - before)
        .log("throughput");
  }
}
