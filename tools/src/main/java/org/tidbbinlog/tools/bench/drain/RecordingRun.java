package org.tidbbinlog.tools.bench.drain;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.ClusterConnection;
import org.tidbbinlog.drainer.checkpoint.FirstStart;
import org.tidbbinlog.drainer.filter.FilterSettings;
import org.tidbbinlog.drainer.filter.Loopback;
import org.tidbbinlog.drainer.pipeline.Pipeline;
import org.tidbbinlog.drainer.pipeline.PipelineEvents;
import org.tidbbinlog.drainer.schema.SchemaStart;
import org.tidbbinlog.drainer.schema.UnknownActions;
import org.tidbbinlog.drainer.sink.Checkpoint;
import org.tidbbinlog.drainer.sink.CheckpointStore;
import org.tidbbinlog.drainer.sink.Sink;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.SinkListener;
import org.tidbbinlog.drainer.sink.Target;
import org.tidbbinlog.drainer.source.PulledBinlog;
import org.tidbbinlog.drainer.source.SourceSettings;
import org.tidbbinlog.drainer.source.SpillFolder;
import org.tidbbinlog.node.net.Channels;
import org.tidbbinlog.node.net.Tls;
import org.tidbbinlog.sinks.mysql.MysqlCheckpointStore;
import org.tidbbinlog.sinks.mysql.MysqlSink;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings;
import org.tidbbinlog.sinks.mysql.ResumeFrom;
import org.tidbbinlog.sinks.mysql.apply.SinkCounters;
import org.tidbbinlog.tools.compare.TargetAddress;

/**
 * Drains once in this process, untimed, and keeps what was sent to the target. The stations are the
 * Drainer's own; only the sink is listened to.
 */
final class RecordingRun implements PipelineEvents, Target {
  private static final int QUEUE = 8;
  private static final int SPILL_BYTES = 4 << 20;
  private static final Duration STOP_LIMIT = Duration.ofMinutes(1);
  private static final long POLL_MS = 20;
  private static final String MARK =
      "select 1 from information_schema.schemata where schema_name='" + EndMark.DATABASE + "'";

  private final long clusterId;
  private final MysqlTargetSettings settings;
  private final MysqlCheckpointStore store;
  private final Recording recording;
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  private RecordingRun(long clusterId, MysqlTargetSettings settings) {
    this.clusterId = clusterId;
    this.settings = settings;
    this.store = MysqlCheckpointStore.open(settings, clusterId);
    this.recording = new Recording(settings.effectiveWorkers());
  }

  static MysqlTargetSettings settings(TargetAddress target, int workers, int txnBatch) {
    return MysqlTargetSettings.of(target.host(), target.port(), target.user(), target.password())
        .withWorkers(workers, txnBatch);
  }

  /** Drains everything after {@code from} into the target. */
  static Recording record(
      List<String> pdUrls, MysqlTargetSettings settings, Tso from, Path dir, Duration limit)
      throws InterruptedException {
    Clock clock = Clock.system();
    try (ClusterConnection cluster = ClusterConnection.open(pdUrls, Tls.plaintext(), clock);
        RecordingRun run = new RecordingRun(cluster.clusterId(), settings)) {
      Pipeline pipeline =
          Pipeline.start(upstream(cluster), run, plan(cluster.clusterId(), from, dir), run, clock);
      try {
        run.awaitMark(limit);
      } finally {
        var unused = pipeline.stop(STOP_LIMIT);
      }
      return run.recording;
    }
  }

  private static Pipeline.Upstream upstream(ClusterConnection cluster) {
    return new Pipeline.Upstream(
        cluster.registry(),
        cluster.schemaSource(),
        cluster.timeSource(),
        host -> Channels.open(host, Tls.plaintext()));
  }

  private static Pipeline.Plan plan(long clusterId, Tso from, Path dir) {
    return new Pipeline.Plan(
        FirstStart.at(from),
        Duration.ofSeconds(1),
        SourceSettings.of(
            clusterId,
            SourceSettings.Compression.NONE,
            new SpillFolder(dir.resolve("spill"), SPILL_BYTES)),
        SchemaStart.Way.SNAPSHOT_ELSE_HISTORY,
        UnknownActions.STOP,
        FilterSettings.DEFAULT,
        Set.of(),
        SinkItem.Execution.EXECUTE,
        Loopback.OFF,
        QUEUE);
  }

  private void awaitMark(Duration limit) throws InterruptedException {
    long endNs = System.nanoTime() + limit.toNanos();
    MysqlTargetSettings.Endpoint at = settings.endpoint();
    TargetAddress address = new TargetAddress(at.user(), at.password(), at.host(), at.port());
    try (Connection connection = address.connect();
        Statement statement = connection.createStatement()) {
      while (true) {
        try (ResultSet mark = statement.executeQuery(MARK)) {
          if (mark.next()) {
            return;
          }
        }
        Throwable cause = failure.get();
        if (cause != null) {
          throw new OperatorException("recording failed: " + cause.getMessage(), cause);
        }
        if (System.nanoTime() > endNs) {
          throw new OperatorException("recording took longer than " + limit.toSeconds() + " s");
        }
        Thread.sleep(POLL_MS);
      }
    } catch (SQLException e) {
      throw new OperatorException("target " + address + ": " + e.getMessage(), e);
    }
  }

  // --- as a target ---------------------------------------------------------------------------

  @Override
  public CheckpointStore checkpoints() {
    return store;
  }

  @Override
  public Sink open(Optional<Checkpoint> loaded, Tso start, SinkListener listener) {
    return MysqlSink.open(
        settings,
        clusterId,
        ResumeFrom.initial(start),
        listener,
        new SinkCounters(recording),
        Clock.system(),
        new Random(1));
  }

  @Override
  public void close() {
    store.close();
  }

  // --- as a listener -------------------------------------------------------------------------

  @Override
  public void onReceived(PulledBinlog binlog) {}

  @Override
  public void onAcknowledged(SinkItem item) {}

  @Override
  public void onFailure(Throwable cause) {
    failure.compareAndSet(null, cause);
  }
}
