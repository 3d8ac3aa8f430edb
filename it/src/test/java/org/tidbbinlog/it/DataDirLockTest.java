package org.tidbbinlog.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.testkit.ClusterDouble;
import org.tidbbinlog.testkit.process.ChildJvm;

/** A Pump and flock(1), which locks as a Pump of the original does, keep each other out. */
@Timeout(120)
class DataDirLockTest {
  private static final Path FLOCK = Path.of("/usr/bin/flock");
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir Path dir;

  @Test
  void pump_andAHolderOfFlock_keepEachOtherOut_untilKilled() throws Exception {
    assumeTrue(Files.isExecutable(FLOCK), "flock of util-linux");
    Path lock = Files.createDirectories(dir.resolve("data")).resolve(".lock");
    try (ClusterDouble cluster = ClusterDouble.start()) {
      refusedWhileHeld(cluster, lock);
      try (ChildJvm pump = pump(cluster, "second.log")) {
        pump.awaitLine("pump is online", LIMIT);
        assertThat(tryFlock(lock)).isEqualTo(1);
        pump.kill9();
        assertThat(tryFlock(lock)).isZero();
      }
    }
  }

  private void refusedWhileHeld(ClusterDouble cluster, Path lock) throws Exception {
    Process holder = new ProcessBuilder(FLOCK.toString(), lock.toString(), "cat").start();
    try {
      while (tryFlock(lock) == 0) {
        Thread.sleep(20);
      }
      try (ChildJvm pump = pump(cluster, "first.log")) {
        assertThat(pump.awaitExit(LIMIT)).as(pump.output()).isEqualTo(1);
        List<String> errors =
            pump.output()
                .lines()
                .filter(line -> line.contains("[FATAL]") || line.contains("[ERROR]"))
                .toList();
        assertThat(errors).as(pump.output()).hasSize(1);
        assertThat(errors.get(0))
            .contains("creating pump server failed", dir.resolve("data") + " is in use");
      }
    } finally {
      holder.getOutputStream().close(); // cat ends, and the lock with it
      holder.waitFor();
    }
  }

  private static int tryFlock(Path lock) throws IOException, InterruptedException {
    return new ProcessBuilder(FLOCK.toString(), "-n", lock.toString(), "true").start().waitFor();
  }

  private ChildJvm pump(ClusterDouble cluster, String log) {
    return ChildJvm.of("org.tidbbinlog.playground.Launcher", dir.resolve(log))
        .jvm("-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
        .args(
            "pump",
            "-node-id=locked",
            "-addr=127.0.0.1:0",
            "-data-dir=" + dir.resolve("data"),
            "-pd-urls=" + String.join(",", cluster.pdUrls()))
        .start();
  }
}
