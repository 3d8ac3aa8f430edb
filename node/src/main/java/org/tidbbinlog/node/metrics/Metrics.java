package org.tidbbinlog.node.metrics;

import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.DoubleSupplier;
import org.tidbbinlog.node.server.HttpHandler;
import org.tidbbinlog.node.server.HttpReply;

/**
 * The metrics of one process, under exactly the names given: dashboards of the original go on
 * working (the client library would add {@code _total} to counters). The {@code process_*} and
 * {@code jvm_*} metrics come from the library. Safe for use by many threads.
 */
public final class Metrics {
  private static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private final Map<String, Family<?>> families = new TreeMap<>();
  private final PrometheusRegistry runtime = new PrometheusRegistry();

  public Metrics() {
    JvmMetrics.builder().register(runtime);
  }

  public Counter counter(String name, String help) {
    return counters(name, help).with();
  }

  public Family<Counter> counters(String name, String help, String... labels) {
    return add(new Family<>(name, help, "counter", List.of(labels), Counter::new));
  }

  public Gauge gauge(String name, String help) {
    return gauges(name, help).with();
  }

  public Family<Gauge> gauges(String name, String help, String... labels) {
    return add(new Family<>(name, help, "gauge", List.of(labels), Gauge::new));
  }

  /** A gauge whose value is asked for at each scrape. */
  public void gauge(String name, String help, DoubleSupplier value) {
    gauge(name, help).follow(value);
  }

  public Histogram histogram(String name, String help, Buckets buckets) {
    return histograms(name, help, buckets).with();
  }

  public Family<Histogram> histograms(String name, String help, Buckets buckets, String... labels) {
    return add(
        new Family<>(name, help, "histogram", List.of(labels), () -> new Histogram(buckets)));
  }

  /** Rooms may share a family: whoever comes second gets the one that is there. */
  @SuppressWarnings("unchecked") // families of one type have members of one class
  private synchronized <M extends Metric> Family<M> add(Family<M> family) {
    Family<?> present = families.putIfAbsent(family.name(), family);
    if (present == null) {
      return family;
    }
    if (!present.isLike(family)) {
      throw new IllegalStateException("metric " + family.name() + " is already there");
    }
    return (Family<M>) present;
  }

  /** All metrics in Prometheus' text format 0.0.4. */
  public String expose() {
    StringBuilder out = new StringBuilder(8192);
    synchronized (this) {
      families.values().forEach(family -> family.write(out));
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      PrometheusTextFormatWriter.create()
          .write(bytes, runtime.scrape(), EscapingScheme.UNDERSCORE_ESCAPING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.append(bytes.toString(StandardCharsets.UTF_8)).toString();
  }

  /** For {@code GET /metrics}. */
  public HttpHandler route() {
    return exchange -> new HttpReply(200, CONTENT_TYPE, expose().getBytes(StandardCharsets.UTF_8));
  }
}
