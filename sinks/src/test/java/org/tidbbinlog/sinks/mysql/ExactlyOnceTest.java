package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.sink.Checkpoint;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.Detection;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.Dispatch;

/** Random workloads against a plain model, with sinks torn down at random points (I7). */
@EachTarget
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ExactlyOnceTest {
  private final TargetServer server;

  ExactlyOnceTest(TargetKind kind) {
    this.server = kind.server();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void target_afterCrashes_equalsTheModel(long seed) throws Exception {
    run(seed, 300);
  }

  @Tag("soak")
  @ParameterizedTest
  @ValueSource(longs = {1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010})
  void target_afterManyCrashes_equalsTheModel(long seed) throws Exception {
    for (long sub = 0; sub < 30; sub++) {
      run(seed * 1000 + sub, 2000);
    }
  }

  private void run(long seed, int transactions) throws Exception {
    Random random = new Random(seed);
    RandomWorkload workload = new RandomWorkload(random, "p" + TargetServer.unique());
    server.execute("create database " + workload.schema() + " collate utf8mb4_bin");
    server.execute(workload.createTables().toArray(String[]::new));
    MysqlTargetSettings settings =
        server
            .settings()
            .withWorkers(1 + random.nextInt(16), 1 + random.nextInt(40))
            .withDispatch(
                random.nextInt(5) == 0 ? Dispatch.TRANSACTIONS : Dispatch.ROWS, Detection.ON);
    List<SinkItem> items = new ArrayList<>();
    for (int i = 0; i < transactions; i++) {
      items.add(Upstream.transaction(100 + i * 10L, workload.transaction()));
    }
    applyWithCrashes(settings, items, random);
    for (RandomTable table : workload.tables()) {
      assertThat(server.rows(table.selectAll()))
          .as("seed %d table %s %s", seed, table.create(), settings)
          .isEqualTo(table.expected());
    }
    server.execute("drop database " + workload.schema());
  }

  private void applyWithCrashes(MysqlTargetSettings settings, List<SinkItem> items, Random random)
      throws Exception {
    long cluster = TargetServer.unique();
    Tso checkpoint = new Tso(1);
    boolean stored = false;
    int next = 0;
    while (next < items.size()) {
      Acks acks = new Acks();
      ResumeFrom resume =
          stored ? ResumeFrom.checkpoint(checkpoint) : ResumeFrom.initial(checkpoint);
      boolean crash = random.nextInt(3) > 0;
      int until = crash ? next + 1 + random.nextInt(items.size() / 4) : items.size();
      try (MysqlSink sink = TargetServer.open(settings, cluster, resume, acks)) {
        for (SinkItem item : items.subList(next, Math.min(until, items.size()))) {
          sink.submit(item);
        }
        if (until >= items.size()) {
          assertThat(sink.drain(Duration.ofSeconds(60))).isTrue();
        } else if (random.nextBoolean()) {
          Thread.sleep(random.nextInt(20));
        }
        assertThat(sink.counters().divergences()).isZero();
      }
      assertThat(acks.failure.get()).isNull();
      Tso acknowledged = acks.last();
      if (random.nextBoolean() && acknowledged.isAfter(checkpoint)) {
        try (MysqlCheckpointStore store = MysqlCheckpointStore.open(settings, cluster)) {
          store.save(new Checkpoint(false, acknowledged, java.util.Map.of(), 1));
        }
        checkpoint = acknowledged;
        stored = true;
      }
      if (until >= items.size()) {
        return;
      }
      Tso from = checkpoint;
      next =
          (int)
              items.stream()
                  .sorted(Comparator.comparing(SinkItem::commitTs))
                  .filter(item -> !item.commitTs().isAfter(from))
                  .count();
    }
  }
}
