package org.tidbbinlog.pump.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.testkit.ClusterDouble;

/**
 * I2 and I3 under {@code kill -9}: 64 writers do two-phase commits as TiDB does, the Pump's process
 * is killed at random moments, and what was acknowledged is pulled once and in order.
 */
final class PumpCrashTest {
  private static final long QUICK_SEED = 20261122;

  @Test
  @Timeout(240)
  @DisplayName("pump fact 16: kill -9 under 64 writers loses and repeats nothing (3 rounds)")
  void killed_underWriters_keepsWhatItAcknowledged(
      @TempDir(cleanup = CleanupMode.ON_SUCCESS) Path dir) throws Exception {
    run(dir, 3, QUICK_SEED);
  }

  @Test
  @Tag("soak")
  @Timeout(3600)
  @DisplayName("pump fact 16: kill -9 under 64 writers loses and repeats nothing (200 rounds)")
  void killedTwoHundredTimes_underWriters_keepsWhatItAcknowledged(
      @TempDir(cleanup = CleanupMode.ON_SUCCESS) Path dir) throws Exception {
    run(dir, 200, new Random().nextLong());
  }

  private static void run(Path dir, int rounds, long seed) throws Exception {
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    try (ClusterDouble cluster = ClusterDouble.start()) {
      TwoPhaseWriters writers = new TwoPhaseWriters(cluster);
      String addr = "-addr=127.0.0.1:0";
      for (int round = 0; round < rounds; round++) {
        try (PumpProcess pump = PumpProcess.start(cluster, dir, List.of("-Xmx256m"), addr)) {
          addr = "-addr=127.0.0.1:" + pump.port(); // a new one would have to prove the old is dead
          writers.start(pump.channel());
          Thread.sleep(300 + random.nextInt(1500));
          pump.jvm().kill9();
          writers.awaitEnd();
        }
      }
      try (PumpProcess pump = PumpProcess.start(cluster, dir, List.of("-Xmx256m"), addr)) {
        writers.checkPulled(pump.channel(), seed);
        assertThat(pump.jvm().stop(Duration.ofSeconds(60))).isZero();
      }
      System.out.println("rounds " + rounds + " acknowledged " + writers.acknowledged());
    }
  }
}
