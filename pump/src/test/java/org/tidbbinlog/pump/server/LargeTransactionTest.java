package org.tidbbinlog.pump.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.testkit.ClusterDouble;
import org.tidbbinlog.testkit.process.ChildJvm;

/** I10: a transaction larger than the heap passes through the Pump, in and out. */
final class LargeTransactionTest {
  private static final int MIB = 1 << 20;

  @Test
  @Timeout(180)
  void transactionOf160MiB_passesAPumpWith64MiBOfHeap(@TempDir Path dir) throws Exception {
    pass(dir, 160 * MIB, "-Xmx64m", "-XX:MaxDirectMemorySize=600m");
  }

  @Test
  @Tag("soak")
  @Timeout(900)
  void transactionOf1GiB_passesAPumpWith512MiBOfHeap(@TempDir Path dir) throws Exception {
    pass(dir, 1024 * MIB, "-Xmx512m", "-XX:MaxDirectMemorySize=3g");
  }

  private static void pass(Path dir, int valueBytes, String... pumpJvm) throws Exception {
    // No fakes: the commit timestamp is taken before the Prewrite is durable, unlike in TiDB.
    try (ClusterDouble cluster = ClusterDouble.start();
        PumpProcess pump =
            PumpProcess.start(cluster, dir, List.of(pumpJvm), "-fake-binlog-interval=3600")) {
      String startTs = cluster.pd().nextTso().toString();
      String commitTs = cluster.pd().nextTso().toString();
      try (ChildJvm client =
          ChildJvm.of(LargeClient.class.getName(), dir.resolve("client.log"))
              .jvm("-Xmx64m", "-XX:MaxDirectMemorySize=3g")
              .args("" + pump.port(), "" + cluster.clusterId(), "" + valueBytes, startTs, commitTs)
              .start()) {
        assertThat(client.awaitExit(Duration.ofMinutes(10)))
            .as(client.output() + pump.jvm().output())
            .isZero();
        assertThat(client.output()).contains("pulled equal");
      }
      assertThat(pump.jvm().stop(Duration.ofSeconds(60))).as(pump.jvm().output()).isZero();
    }
  }
}
