package org.tidbbinlog.sinks.mysql;

import java.util.function.IntUnaryOperator;
import org.tidbbinlog.node.metrics.Buckets;
import org.tidbbinlog.node.metrics.Counter;
import org.tidbbinlog.node.metrics.Family;
import org.tidbbinlog.node.metrics.Gauge;
import org.tidbbinlog.node.metrics.Histogram;
import org.tidbbinlog.node.metrics.Metrics;
import org.tidbbinlog.sinks.mysql.apply.SinkCounters;

/** The sink's metrics under the original's names, and our own beside them. Source: drainer 14. */
final class MysqlMetrics implements SinkCounters.Listener {
  private static final String PREFIX = "binlog_drainer_";
  private static final Buckets SECONDS = Buckets.exponential(0.00005, 2, 18);

  private final Family<Counter> events;
  private final Histogram executed;
  private final Family<Histogram> queries;
  private final Family<Gauge> queues;
  private final Counter divergences;
  private final Counter ddlPartsSkipped;
  private final Counter rowsLeftOut;

  MysqlMetrics(Metrics metrics) {
    events = metrics.counters(PREFIX + "event", "Events applied, by type.", "type");
    executed =
        metrics.histogram(
            PREFIX + "execute_duration_time", "Seconds of a target transaction.", SECONDS);
    queries =
        metrics.histograms(
            PREFIX + "query_duration_time",
            "Seconds of a round trip to the target.",
            SECONDS,
            "type");
    queues = metrics.gauges(PREFIX + "queue_size", "Items that wait, by queue.", "name");
    divergences =
        metrics.counter(PREFIX + "divergence_count", "Rows that are not as the row images say.");
    rowsLeftOut =
        metrics.counter(
            PREFIX + "rows_left_out_count",
            "Rows left out by choice while the target has no such table.");
    ddlPartsSkipped =
        metrics.counter(
            PREFIX + "ddl_part_skipped_count", "Parts of DDL the target does not know.");
  }

  @Override
  public void onEvents(String kind, int count) {
    events.with(kind).add(count);
  }

  @Override
  public void onExecuted(double seconds) {
    executed.observe(seconds);
  }

  @Override
  public void onQuery(String type, double seconds) {
    queries.with(type).observe(seconds);
  }

  @Override
  public void onWorkers(int count, IntUnaryOperator load) {
    for (int i = 0; i < count; i++) {
      int worker = i;
      queues.with("worker_" + i).follow(() -> load.applyAsInt(worker));
    }
  }

  @Override
  public void onDivergence(int rowCount) {
    divergences.add(rowCount);
  }

  @Override
  public void onLeftOut(int rowCount) {
    rowsLeftOut.add(rowCount);
  }

  @Override
  public void onDdlPartSkipped() {
    ddlPartsSkipped.increment();
  }
}
