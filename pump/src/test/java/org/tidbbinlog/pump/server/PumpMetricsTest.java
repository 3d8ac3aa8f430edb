package org.tidbbinlog.pump.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.testkit.ClusterDouble;
import org.tidbbinlog.testkit.metrics.Exposition;

/** What a running Pump tells Prometheus, against section 14 of the sheet. */
@Timeout(90)
final class PumpMetricsTest {
  private static final String TABLE =
      """
      binlog_pump_rpc_duration_seconds | histogram | method=WriteBinlog,PullBinlogs;label=succ,fail | 0.00005 x 2, 18
      binlog_pump_loss_binlog_count | counter | - | -
      binlog_pump_storage_gc_ts | gauge | - | -
      binlog_pump_storage_done_gc_ts | gauge | - | -
      binlog_pump_storage_deleted_kv_total | counter | - | -
      binlog_pump_storage_storage_size_bytes | gauge | type=capacity,available | -
      binlog_pump_storage_max_commit_ts | gauge | - | -
      binlog_pump_storage_query_tikv_count | counter | - | -
      binlog_pump_storage_error_count | counter | type=write_binlog,write_binlog_batch,batch_write_kv,read_value,feed_pre_write_value | -
      binlog_pump_storage_write_binlog_size | histogram | type=single,batch | 16 x 2, 25
      binlog_pump_storage_write_binlog_duration_time | histogram | type=single,batch,to_disk,fsync,rotate | 0.00005 x 2, 20
      binlog_pump_storage_slow_chaser_count | counter | type=turned_on,turned_off,recovery,catch_up | -
      binlog_drainer_slow_chaser_catchup_time_seconds | histogram | - | 0.001 x 2, 22
      """;

  private final ClusterDouble cluster = ClusterDouble.start();

  @AfterEach
  void stopCluster() {
    cluster.close();
  }

  @Test
  void everyMetricOfTheSheet_isThere_withTypeLabelsAndBuckets(@TempDir Path dir) throws Exception {
    try (PumpUnderTest pump = PumpUnderTest.start(cluster, dir)) {
      assertThat(scrape(pump).missing(TABLE)).isEmpty();
    }
  }

  @Test
  void values_followWhatHappened(@TempDir Path dir) throws Exception {
    try (PumpUnderTest pump = PumpUnderTest.start(cluster, dir, "-max-message-size=10000")) {
      Tso commitTs = pump.transaction("v".repeat(1000));
      pump.refused(4711, PumpUnderTest.prewrite(1, "v").encode());
      await()
          .atMost(Duration.ofSeconds(20))
          .until(
              () ->
                  scrape(pump).value("binlog_pump_storage_max_commit_ts") >= commitTs.physicalMs());
      Exposition seen = scrape(pump);
      assertThat(
              seen.value(
                  "binlog_pump_rpc_duration_seconds_count{method=\"WriteBinlog\",label=\"succ\"}"))
          .isGreaterThanOrEqualTo(2);
      assertThat(
              seen.value(
                  "binlog_pump_rpc_duration_seconds_count{method=\"WriteBinlog\",label=\"fail\"}"))
          .isEqualTo(1);
      assertThat(seen.value("binlog_pump_storage_write_binlog_size_sum{type=\"single\"}"))
          .isGreaterThan(1000);
      assertThat(seen.value("binlog_pump_storage_write_binlog_duration_time_count{type=\"fsync\"}"))
          .isPositive();
      assertThat(seen.value("binlog_pump_storage_storage_size_bytes{type=\"available\"}"))
          .isPositive();
      assertThat(seen.value("binlog_pump_storage_error_count{type=\"read_value\"}")).isZero();
    }
  }

  @Test
  void pprof_saysWhereToLook_threadsAreShown(@TempDir Path dir) throws Exception {
    try (PumpUnderTest pump = PumpUnderTest.start(cluster, dir)) {
      for (String path : new String[] {"/debug/pprof", "/debug/pprof/", "/debug/pprof/heap"}) {
        assertThat(pump.get(path).statusCode()).as(path).isEqualTo(404);
        assertThat(pump.get(path).body()).as(path).contains("/debug/threads", "jcmd");
      }
      assertThat(pump.get("/debug/threads").body()).contains("\"pump-heartbeat");
    }
  }

  private static Exposition scrape(PumpUnderTest pump) throws Exception {
    return Exposition.read(pump.get("/metrics").body());
  }
}
