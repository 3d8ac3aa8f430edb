package org.tidbbinlog.pump.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.testkit.ClusterDouble;

/**
 * I2 and I3 when the machine misbehaves under 64 writers: a Pump that stands still, a disk that
 * takes its time, a clock that jumps. Whatever was acknowledged is pulled once and in order.
 */
final class PumpBadDaysTest {
  private static final long SEED = 0;
  private static final Path STRACE = Path.of("/usr/bin/strace");

  /** Where distributions put it. */
  private static final Path FAKETIME =
      Stream.of("x86_64-linux-gnu/", "aarch64-linux-gnu/", "")
          .map(arch -> Path.of("/usr/lib/" + arch + "faketime/libfaketimeMT.so.1"))
          .filter(Files::exists)
          .findFirst()
          .orElse(Path.of("no libfaketime"));

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path dir;

  @Test
  @Timeout(120)
  void stoppedForSeconds_underWriters_goesOn() throws Exception {
    standStill(Duration.ofSeconds(4));
  }

  @Test
  @Tag("soak")
  @Timeout(300)
  void stoppedForAMinute_underWriters_goesOn() throws Exception {
    standStill(Duration.ofSeconds(61));
  }

  private void standStill(Duration pause) throws Exception {
    try (ClusterDouble cluster = ClusterDouble.start();
        PumpProcess pump = PumpProcess.start(cluster, dir, List.of("-Xmx256m"))) {
      TwoPhaseWriters writers = new TwoPhaseWriters(cluster);
      writers.start(pump.channel());
      Thread.sleep(1000);
      run("kill", "-STOP", Long.toString(pump.jvm().pid()));
      Thread.sleep(pause.toMillis());
      int before = writers.acknowledged();
      run("kill", "-CONT", Long.toString(pump.jvm().pid()));
      Thread.sleep(500);
      writers.stop();
      writers.start(pump.channel());
      Thread.sleep(1000);
      writers.stop();
      assertThat(writers.acknowledged()).isGreaterThan(before);
      writers.checkPulled(pump.channel(), SEED);
      assertThat(pump.jvm().stop(Duration.ofSeconds(60))).isZero();
    }
  }

  @Test
  @Timeout(120)
  void slowDisk_underWriters_answersLateAndLosesNothing() throws Exception {
    assumeThat(Files.isExecutable(STRACE)).as("strace is installed").isTrue();
    try (ClusterDouble cluster = ClusterDouble.start()) {
      TwoPhaseWriters writers = new TwoPhaseWriters(cluster);
      String addr;
      try (PumpProcess pump = PumpProcess.start(cluster, dir, List.of("-Xmx256m"))) {
        addr = "-addr=127.0.0.1:" + pump.port();
        writers.start(pump.channel());
        Process tracer = slowForces(pump.jvm().pid());
        Thread.sleep(1000);
        int before = writers.acknowledged();
        Thread.sleep(4000);
        // Two forces a transaction, one after the other, each of 300 ms at least.
        assertThat(writers.acknowledged() - before)
            .as("transactions of 64 writers in 4 s")
            .isLessThan(64 * (4000 / 600 + 3));
        assertThat(tracer.isAlive()).as("strace is attached").isTrue();
        pump.jvm().kill9();
        writers.awaitEnd();
        tracer.destroy();
        tracer.waitFor();
        assertThat(Files.readAllLines(dir.resolve("forces.trace")))
            .filteredOn(line -> line.contains("fdatasync") && line.contains("DELAYED"))
            .as("forces that were delayed")
            .hasSizeGreaterThan(3);
      }
      try (PumpProcess pump = PumpProcess.start(cluster, dir, List.of("-Xmx256m"), addr)) {
        writers.checkPulled(pump.channel(), SEED);
      }
    }
  }

  /** From now on every force takes 300 ms more. */
  private Process slowForces(long pid) throws Exception {
    String calls = "fdatasync,fsync";
    return new ProcessBuilder(
            List.of(
                STRACE.toString(),
                "-f",
                "-q",
                "-e",
                "trace=" + calls,
                "-e",
                "inject=" + calls + ":delay_enter=300000",
                "-o",
                dir.resolve("forces.trace").toString(),
                "-p",
                Long.toString(pid)))
        .redirectErrorStream(true)
        .redirectOutput(dir.resolve("strace.log").toFile())
        .start();
  }

  @Test
  @Tag("soak")
  @Timeout(300)
  void clockStepsByAnHour_bothWays_underWriters_goesOn() throws Exception {
    assumeThat(Files.exists(FAKETIME)).as("libfaketime is installed").isTrue();
    Path offset = dir.resolve("clock-offset");
    Files.writeString(offset, "+0");
    Map<String, String> environment =
        Map.of(
            "LD_PRELOAD", FAKETIME.toString(),
            "FAKETIME_TIMESTAMP_FILE", offset.toString(),
            "FAKETIME_CACHE_DURATION", "1",
            "FAKETIME_DONT_FAKE_MONOTONIC", "1",
            "DONT_FAKE_MONOTONIC", "1");
    try (ClusterDouble cluster = ClusterDouble.start();
        PumpProcess pump = PumpProcess.start(cluster, dir, List.of("-Xmx256m"), environment)) {
      TwoPhaseWriters writers = new TwoPhaseWriters(cluster);
      writers.start(pump.channel());
      for (String step : List.of("+3600", "-3600", "+0")) {
        Thread.sleep(1000);
        Files.writeString(offset, step);
        Thread.sleep(1500);
        int before = writers.acknowledged();
        await()
            .atMost(Duration.ofSeconds(60))
            .untilAsserted(
                () ->
                    assertThat(writers.acknowledged())
                        .as("after a step to %s s", step)
                        .isGreaterThan(before + 100));
      }
      writers.stop();
      writers.checkPulled(pump.channel(), SEED);
      assertThat(pump.jvm().stop(Duration.ofSeconds(60))).isZero();
    }
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).inheritIO().start();
    assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
  }
}
