package org.tidbbinlog.drainer.server;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.DecodeException;
import org.tidbbinlog.drainer.airlock.DdlAirlock;
import org.tidbbinlog.drainer.airlock.DdlChoice;
import org.tidbbinlog.drainer.merge.DisorderException;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.StageTimes;
import org.tidbbinlog.drainer.source.PulledBinlog;
import org.tidbbinlog.node.metrics.Buckets;
import org.tidbbinlog.node.metrics.Counter;
import org.tidbbinlog.node.metrics.Family;
import org.tidbbinlog.node.metrics.Gauge;
import org.tidbbinlog.node.metrics.Histogram;
import org.tidbbinlog.node.metrics.Metrics;

/**
 * The Drainer's metrics under the original's names, and one histogram a stage beside them. Source:
 * drainer section 14.
 */
final class DrainerMetrics {
  private static final String PREFIX = "binlog_drainer_";
  private static final String FILES = "binlog_binlogfile_";
  private static final String NO_FILES = "; stays 0: fed by db-type = file";
  private static final String UNREADABLE = "unmarshal_binlog";
  private static final int SHOWN_WORKERS = 10;
  private static final Buckets DURATIONS = Buckets.exponential(0.00005, 2, 18);

  private final Clock clock;
  private final Family<Gauge> pumpPosition;
  private final Counter ddlJobs;
  private final Family<Counter> errors;
  private final Counter disorder;
  private final Family<Counter> events;
  private final Gauge checkpointTso;
  private final Histogram checkpointDelay;
  private final Family<Histogram> reach;
  private final Family<Histogram> readSize;
  private final Family<Histogram> stages;
  private final Gauge input;
  private final Gauge applyingRows;
  private final Gauge applyingRowsTotal;
  private final Gauge ddlHeld;
  private final Gauge ddlHeldSeconds;
  private final Gauge ddlWaiting;
  private final Family<Counter> ddlChoices;
  private final Map<String, OfPump> pumps = new ConcurrentHashMap<>();

  /** Looked up once a Pump. */
  private record OfPump(Gauge position, Histogram reach, Histogram readSize) {}

  DrainerMetrics(Metrics metrics, Clock clock) {
    this.clock = clock;
    pumpPosition = metrics.gauges(PREFIX + "pump_position", "physical ms last received", "nodeID");
    ddlJobs = metrics.counter(PREFIX + "ddl_jobs_total", "DDL applied");
    errors = metrics.counters(PREFIX + "error_count", "errors by kind", "type");
    disorder = metrics.counter(PREFIX + "disorder_binlog_count", "binlogs out of order");
    events = metrics.counters(PREFIX + "event", "events applied by kind", "type");
    checkpointTso = metrics.gauge(PREFIX + "checkpoint_tso", "physical ms of the checkpoint");
    checkpointDelay =
        metrics.histogram(
            PREFIX + "checkpoint_delay_seconds",
            "age of what was applied last",
            Buckets.exponential(0.001, 2, 22));
    reach =
        metrics.histograms(
            PREFIX + "binlog_reach_duration_time", "age when received", DURATIONS, "nodeID");
    readSize =
        metrics.histograms(
            PREFIX + "read_binlog_size",
            "bytes of a binlog",
            Buckets.exponential(16, 2, 25),
            "nodeID");
    stages =
        metrics.histograms(
            PREFIX + "stage_duration_seconds",
            "seconds an item took to a stage",
            DURATIONS,
            "stage");
    Family<Gauge> queues =
        metrics.gauges(PREFIX + "queue_size", "items that wait, by queue", "name");
    input = queues.with("syncer_input");
    IntStream.range(0, SHOWN_WORKERS).forEach(i -> queues.with("worker_" + i));
    for (String type : new String[] {"Insert", "Update", "Delete", "DDL", "savepoint"}) {
      events.with(type);
    }
    errors.with(UNREADABLE);
    applyingRows =
        metrics.gauge(PREFIX + "applying_rows", "rows applied of a transaction that takes long");
    applyingRowsTotal =
        metrics.gauge(PREFIX + "applying_rows_total", "rows of a transaction that takes long");
    ddlHeld = metrics.gauge(PREFIX + "ddl_held", "1 while a DDL is held");
    ddlHeldSeconds = metrics.gauge(PREFIX + "ddl_held_seconds", "how long it has been held");
    ddlWaiting =
        metrics.gauge(PREFIX + "ddl_waiting_transactions", "transactions that wait for a held DDL");
    ddlChoices =
        metrics.counters(PREFIX + "ddl_choice_count", "choices for held DDL, by action", "action");
    for (DdlChoice.Action action : DdlChoice.Action.values()) {
      ddlChoices.with(action.name().toLowerCase(Locale.ROOT));
    }
    ofTargets(metrics);
    ofFiles(metrics);
  }

  /** Fed by the targets that have them; here they exist for dashboards also without. */
  private static void ofTargets(Metrics metrics) {
    metrics.histogram(
        PREFIX + "execute_duration_time", "seconds of a target transaction", DURATIONS);
    Family<Histogram> queries =
        metrics.histograms(
            PREFIX + "query_duration_time",
            "seconds of a round trip to the target; update_mark_table stays 0: the mark travels with the rows",
            DURATIONS,
            "type");
    for (String type : new String[] {"exec", "commit", "update_mark_table"}) {
      queries.with(type);
    }
  }

  /** Of {@code db-type = "file"}. The relay log is of another format and does not count here. */
  private static void ofFiles(Metrics metrics) {
    metrics
        .histograms(
            FILES + "write_binlog_size",
            "bytes of a record written to a binlog file" + NO_FILES,
            Buckets.exponential(16, 2, 20),
            "label")
        .with("local");
    for (String name : new String[] {"write_binlog_duration_time", "read_binlog_duration_time"}) {
      metrics
          .histograms(
              FILES + name, "seconds of one access to a binlog file" + NO_FILES, DURATIONS, "label")
          .with("local");
    }
    metrics.counter(
        FILES + "corruption_binlog_count", "records of binlog files not readable" + NO_FILES);
  }

  /** A held DDL is told at each scrape. */
  void followAirlock(DdlAirlock airlock) {
    ddlHeld.follow(() -> airlock.state() == DdlAirlock.State.OPEN ? 0 : 1);
    ddlHeldSeconds.follow(() -> airlock.heldFor().toMillis() / 1000.0);
    ddlWaiting.follow(
        () -> airlock.situation().map(s -> (double) s.behind().waitingTransactions()).orElse(0.0));
  }

  /** Asked at each scrape. */
  void followApplying(Supplier<Optional<LongTransaction.Progress>> applying) {
    applyingRows.follow(() -> applying.get().map(one -> (double) one.rowsApplied()).orElse(0.0));
    applyingRowsTotal.follow(() -> applying.get().map(one -> (double) one.rowsTotal()).orElse(0.0));
  }

  void ddlChosen(DdlChoice.Action action) {
    ddlChoices.with(action.name().toLowerCase(Locale.ROOT)).increment();
  }

  /** {@code items} is asked at each scrape. */
  void followInput(IntSupplier items) {
    input.follow(items::getAsInt);
  }

  void received(PulledBinlog binlog) {
    OfPump pump = pumps.computeIfAbsent(binlog.nodeId(), this::ofPump);
    pump.position.set((double) binlog.commitTs().physicalMs());
    pump.reach.observe(ageSeconds(binlog.commitTs()));
    pump.readSize.observe(binlog.sizeBytes());
  }

  private OfPump ofPump(String nodeId) {
    return new OfPump(pumpPosition.with(nodeId), reach.with(nodeId), readSize.with(nodeId));
  }

  void acknowledged(SinkItem item, Tso checkpoint) {
    if (item.kind() == SinkItem.Kind.DDL) {
      ddlJobs.increment();
    }
    checkpointTso.set((double) checkpoint.physicalMs());
    checkpointDelay.observe(ageSeconds(item.commitTs()));
    stageTimes(item.times());
  }

  private void stageTimes(StageTimes times) {
    long before = times.at(StageTimes.Stage.RECEIVED);
    for (StageTimes.Stage stage : StageTimes.Stage.values()) {
      long at = times.at(stage);
      if (at != 0 && stage != StageTimes.Stage.RECEIVED) {
        stages.with(stage.name().toLowerCase(Locale.ROOT)).observeSince(before, at);
        before = at;
      }
    }
  }

  void savepoint() {
    events.with("savepoint").increment();
  }

  /** What stopped the Drainer. */
  void failed(Throwable cause) {
    boolean unreadable =
        cause instanceof DecodeException || cause.getCause() instanceof DecodeException;
    errors.with(unreadable ? UNREADABLE : "internal").increment();
    if (cause instanceof DisorderException || cause.getCause() instanceof DisorderException) {
      disorder.increment();
    }
  }

  private double ageSeconds(Tso ts) {
    return Math.max(0, clock.now().toEpochMilli() - ts.physicalMs()) / 1000.0;
  }
}
