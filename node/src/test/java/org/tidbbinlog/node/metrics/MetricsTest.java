package org.tidbbinlog.node.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tidbbinlog.node.server.HttpReply;
import org.tidbbinlog.node.server.HttpRoutes;
import org.tidbbinlog.node.server.PortServer;

@Timeout(30)
class MetricsTest {
  private final Metrics metrics = new Metrics();

  @Test
  void names_areExactlyThoseGiven() {
    metrics.counter("binlog_pump_loss_binlog_count", "lost").add(3);
    metrics
        .counters("binlog_pump_storage_error_count", "errors", "type")
        .with("read_value")
        .increment();
    metrics.gauge("binlog_pump_storage_gc_ts", "gc", () -> 1_700_000_000_123.0);
    metrics.gauges("binlog_drainer_pump_position", "pos", "nodeID").with("a\"b\\c\nd").set(0.5);
    assertThat(metrics.expose())
        .contains("# TYPE binlog_pump_loss_binlog_count counter\nbinlog_pump_loss_binlog_count 3\n")
        .contains("binlog_pump_storage_error_count{type=\"read_value\"} 1\n")
        .contains("binlog_pump_storage_gc_ts 1700000000123\n")
        .contains("binlog_drainer_pump_position{nodeID=\"a\\\"b\\\\c\\nd\"} 0.5\n")
        .contains("process_start_time_seconds")
        .contains("jvm_memory_used_bytes");
    assertThatThrownBy(() -> metrics.gauge("binlog_pump_loss_binlog_count", "of another type"))
        .hasMessageContaining("already there");
  }

  @Test
  void family_declaredTwice_isShared() {
    metrics.counters("events", "by type", "type").with("Insert").add(2);
    metrics.counters("events", "by type", "type").with("savepoint").increment();
    assertThat(metrics.expose())
        .contains("events{type=\"Insert\"} 2\n")
        .contains("events{type=\"savepoint\"} 1\n");
  }

  @Test
  void histogram_bucketsAreCumulative() {
    Histogram histogram =
        metrics
            .histograms("h_seconds", "h", Buckets.exponential(0.00005, 2, 3), "method", "label")
            .with("WriteBinlog", "succ");
    histogram.observe(0.00005);
    histogram.observe(0.00015);
    histogram.observe(7);
    assertThat(metrics.expose())
        .contains("h_seconds_bucket{method=\"WriteBinlog\",label=\"succ\",le=\"5.0E-5\"} 1\n")
        .contains("le=\"1.0E-4\"} 1\n")
        .contains("le=\"2.0E-4\"} 2\n")
        .contains("le=\"+Inf\"} 3\n")
        .contains("h_seconds_sum{method=\"WriteBinlog\",label=\"succ\"} 7.0002\n")
        .contains("h_seconds_count{method=\"WriteBinlog\",label=\"succ\"} 3\n");
  }

  @Test
  void pushgateway_getsEverythingUnderJobAndInstance() {
    metrics.counter("pushed_count", "p").increment();
    AtomicReference<String> seen = new AtomicReference<>("");
    HttpRoutes routes =
        HttpRoutes.builder()
            .put(
                "/metrics/job/{job}/instance/{instance}",
                exchange -> {
                  seen.set(
                      exchange.pathParams()
                          + "\n"
                          + new String(exchange.body(), StandardCharsets.UTF_8));
                  return HttpReply.text(202, "");
                })
            .build();
    try (PortServer gateway = PortServer.builder("gateway").routes(routes).start();
        Pushgateway push =
            Pushgateway.start(
                metrics, "127.0.0.1:" + gateway.port(), "vm:8250", Duration.ofMillis(50))) {
      assertThat(push).isNotNull();
      await()
          .untilAsserted(
              () ->
                  assertThat(seen.get())
                      .startsWith("{job=binlog, instance=vm:8250}")
                      .contains("pushed_count 1"));
    }
  }
}
