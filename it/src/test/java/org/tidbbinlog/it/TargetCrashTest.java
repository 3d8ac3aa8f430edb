package org.tidbbinlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.testkit.mariadb.MariaDb;
import org.tidbbinlog.testkit.workload.WorkloadSpec;
import org.tidbbinlog.testkit.workload.WorkloadSpec.Tables;
import org.tidbbinlog.tools.compare.ComparisonReport;
import org.tidbbinlog.tools.stage.ServerNode;

/**
 * The target is killed while load is applied: the Drainer waits for it, nothing is lost, nothing is
 * applied twice (I7). The tables have no keys, so that a row written twice shows.
 */
@Timeout(value = 600, unit = TimeUnit.SECONDS)
class TargetCrashTest {
  private static final Duration UNDER_LOAD = Duration.ofSeconds(4);

  /** The longer one is longer than five tries to save the checkpoint take. */
  private static final List<Duration> DOWN = List.of(Duration.ofSeconds(1), Duration.ofSeconds(7));

  private static final long SEED = 31;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path dir;

  @Test
  void targetKilledUnderLoad_andBackAgain_equalsTheTruthWithoutARestart() throws Exception {
    WorkloadSpec spec = WorkloadSpec.usual().withTables(2, 4).withTables(Tables.WITHOUT_KEY);
    try (GeneratedLoad load = GeneratedLoad.start(dir.resolve("load"), 1, SEED, spec, 150)) {
      ServerNode drainer = load.stage().drainer();
      MariaDb target = load.stage().mariaDb().orElseThrow();
      for (Duration down : DOWN) {
        Thread.sleep(UNDER_LOAD.toMillis());
        load.requireHealthy();
        target.kill9();
        Thread.sleep(down.toMillis());
        target.restart();
      }
      Thread.sleep(UNDER_LOAD.toMillis());
      load.finish();
      assertThat(drainer.stop()).isZero();
      ComparisonReport report = load.compare();
      assertThat(report.differences()).as("seed %s", SEED).isEmpty();
      System.out.println(
          "target crash: equal seed=%d kills=%d transactions=%d rows=%d warnings=%d"
              .formatted(SEED, DOWN.size(), load.committed(), report.rows(), warnings(drainer)));
    }
  }

  private static long warnings(ServerNode drainer) throws Exception {
    try (Stream<String> lines = Files.lines(drainer.log())) {
      return lines.filter(line -> line.contains("checkpoint not saved")).count();
    }
  }
}
