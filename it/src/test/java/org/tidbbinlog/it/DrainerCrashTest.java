package org.tidbbinlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.testkit.workload.WorkloadSpec;
import org.tidbbinlog.testkit.workload.WorkloadSpec.Tables;
import org.tidbbinlog.tools.compare.ComparisonReport;
import org.tidbbinlog.tools.replay.Replay;
import org.tidbbinlog.tools.stage.ServerNode;

/** A Drainer that is killed at any moment has applied each transaction once (I7). */
@Timeout(value = 1800, unit = TimeUnit.SECONDS)
class DrainerCrashTest {
  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path dir;

  @ParameterizedTest
  @CsvSource({"02-keys, 2, 11", "04-txn, 2, 12"})
  void target_equalsTheTruth_afterKills(String capture, int kills, long seed) throws Exception {
    replayWithKills(capture, kills, seed);
  }

  @Tag("soak")
  @ParameterizedTest
  @CsvSource({"02-keys, 35, 21", "04-txn, 35, 22"})
  void target_equalsTheTruth_afterManyKills(String capture, int kills, long seed) throws Exception {
    replayWithKills(capture, kills, seed);
  }

  @ParameterizedTest
  @CsvSource({"2, 13"})
  void tablesWithoutKeys_equalTheTruth_afterKills(int kills, long seed) throws Exception {
    loadWithKills(kills, seed, 150);
  }

  @Tag("soak")
  @ParameterizedTest
  @CsvSource({"10, 23", "10, 24", "10, 25"})
  void tablesWithoutKeys_equalTheTruth_afterManyKills(int kills, long seed) throws Exception {
    loadWithKills(kills, seed, 200);
  }

  /** The load goes on until the last kill. */
  private void loadWithKills(int kills, long seed, int stepsPerSecond) throws Exception {
    Random random = new Random(seed);
    WorkloadSpec spec = WorkloadSpec.usual().withTables(2, 4).withTables(Tables.WITHOUT_KEY);
    try (GeneratedLoad load =
        GeneratedLoad.start(dir.resolve("load"), 2, seed, spec, stepsPerSecond)) {
      ServerNode drainer = load.stage().drainer();
      for (int kill = 0; kill < kills; kill++) {
        Thread.sleep(random.nextInt(3_000));
        load.requireHealthy();
        drainer.kill9();
        drainer.startAgain();
        drainer.awaitReady();
      }
      load.finish();
      assertThat(drainer.stop()).isZero();
      ComparisonReport report = load.compare();
      assertThat(report.differences()).as("seed %s kills %s", seed, kills).isEmpty();
      System.out.println(
          "drainer crash: equal load=without-keys seed=%d kills=%d transactions=%d tables=%d rows=%d"
              .formatted(seed, kills, load.committed(), report.tables(), report.rows()));
    }
  }

  /** One replay holds few moments to be killed at, so there are as many replays as it takes. */
  private void replayWithKills(String capture, int kills, long seed) throws Exception {
    Random random = new Random(seed);
    int done = 0;
    for (int round = 0; done < kills; round++) {
      Path home = dir.resolve("round-" + round);
      try (Replay replay = Replay.open(Captures.options(capture, 2, home, random.nextLong()))) {
        replay.start();
        while (done < kills && !isApplied(replay)) {
          replay.stage().drainer().awaitReady();
          Thread.sleep(random.nextInt(1000));
          replay.crashDrainer();
          done++;
        }
        replay.awaitApplied(tick -> {});
        assertThat(replay.stage().drainer().stop()).isZero();
        assertThat(replay.compare().orElseThrow().differences())
            .as("capture %s seed %s round %s kills %s", capture, seed, round, done)
            .isEmpty();
      }
    }
    System.out.println(
        "drainer crash: equal capture=%s seed=%d kills=%d".formatted(capture, seed, done));
  }

  private static boolean isApplied(Replay replay) throws InterruptedException {
    Tso checkpoint = replay.stage().drainer().checkpoint();
    return replay.isWritten() && !checkpoint.isBefore(replay.summary().lastCommitTs());
  }
}
