package org.tidbbinlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tidbbinlog.testkit.workload.WorkloadSpec;
import org.tidbbinlog.tools.compare.ComparisonReport;
import org.tidbbinlog.tools.stage.ServerNode;

/** Pumps that crash, rest and join under load lose nothing and repeat nothing. */
@Timeout(value = 1800, unit = TimeUnit.SECONDS)
class PumpClusterTest {
  private static final Duration PAUSE_LIMIT = Duration.ofSeconds(60);

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path dir;

  @ParameterizedTest
  @CsvSource({"1, 31"})
  void target_equalsTheTruth_afterAKill_aPause_andAJoin(int rounds, long seed) throws Exception {
    for (int round = 0; round < rounds; round++) {
      round(dir.resolve("round-" + round), seed + round, 150, 1_000);
    }
  }

  @Tag("soak")
  @ParameterizedTest
  @CsvSource({"5, 41"})
  void target_equalsTheTruth_afterAKill_aPause_andAJoin_manyTimes(int rounds, long seed)
      throws Exception {
    for (int round = 0; round < rounds; round++) {
      round(dir.resolve("round-" + round), seed + round, 400, 5_000);
    }
  }

  private void round(Path home, long seed, int stepsPerSecond, int breathMs) throws Exception {
    Random random = new Random(seed);
    try (GeneratedLoad load =
        GeneratedLoad.start(home, 3, seed, WorkloadSpec.usual(), stepsPerSecond)) {
      Thread.sleep(breathMs + random.nextInt(breathMs));

      ServerNode killed = load.stage().pumps().get(0);
      killed.kill9();
      Thread.sleep(random.nextInt(breathMs));
      killed.startAgain();
      killed.awaitReady();
      Thread.sleep(random.nextInt(breathMs));

      ServerNode paused = load.stage().pumps().get(1);
      assertThat(paused.changeState("pause")).isPresent();
      assertThat(paused.awaitExit(PAUSE_LIMIT)).isZero();
      Thread.sleep(random.nextInt(breathMs));
      paused.startAgain();
      paused.awaitReady();

      load.stage().startPump().awaitReady();
      Thread.sleep(breathMs + random.nextInt(breathMs));

      load.finish();
      assertThat(load.stage().drainer().stop()).isZero();
      ComparisonReport report = load.compare();
      assertThat(report.differences()).as("seed %s, kept in %s", seed, home).isEmpty();
      System.out.println(
          "pump cluster: equal seed=%d transactions=%d tables=%d rows=%d"
              .formatted(seed, load.committed(), report.tables(), report.rows()));
    }
  }
}
