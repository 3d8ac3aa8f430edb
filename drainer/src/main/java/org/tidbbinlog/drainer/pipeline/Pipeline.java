package org.tidbbinlog.drainer.pipeline;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.registry.NodeRegistry;
import org.tidbbinlog.cluster.schema.SchemaSource;
import org.tidbbinlog.cluster.time.TimeSource;
import org.tidbbinlog.drainer.checkpoint.CheckpointKeeper;
import org.tidbbinlog.drainer.checkpoint.FirstStart;
import org.tidbbinlog.drainer.filter.BinlogFilter;
import org.tidbbinlog.drainer.filter.FilterSettings;
import org.tidbbinlog.drainer.filter.Loopback;
import org.tidbbinlog.drainer.merge.MergeProgress;
import org.tidbbinlog.drainer.merge.Merger;
import org.tidbbinlog.drainer.schema.JobLookup;
import org.tidbbinlog.drainer.schema.SchemaStart;
import org.tidbbinlog.drainer.schema.SchemaTracker;
import org.tidbbinlog.drainer.schema.UnknownActions;
import org.tidbbinlog.drainer.schema.UnknownTables;
import org.tidbbinlog.drainer.sink.Applying;
import org.tidbbinlog.drainer.sink.Checkpoint;
import org.tidbbinlog.drainer.sink.CheckpointStore;
import org.tidbbinlog.drainer.sink.Sink;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.Target;
import org.tidbbinlog.drainer.source.PulledBinlog;
import org.tidbbinlog.drainer.source.PumpDialer;
import org.tidbbinlog.drainer.source.PumpDirectory;
import org.tidbbinlog.drainer.source.SourceSettings;
import org.tidbbinlog.drainer.translate.TranslateSettings;
import org.tidbbinlog.drainer.translate.Translator;

/**
 * The way of a binlog through the Drainer, one line an arrow:
 *
 * <pre>
 * Pumps ▸ source ▸ merge ▸ schema ▸ filter ▸ translate ▸ sink ▸ target
 *                          checkpoint ◂ acknowledgements ┘
 * </pre>
 *
 * {@link #start} puts the stations together and sets them going; {@link #stop} stops them in the
 * same order. Whatever breaks at a station stops the whole and is told once through {@link
 * PipelineEvents#onFailure}.
 */
public final class Pipeline {
  private static final Duration ABANDON_LIMIT = Duration.ofSeconds(5);

  private final Merger<PulledBinlog> merge;
  private final PumpDirectory sources;
  private final Conveyor conveyor;
  private final Sink sink;
  private final CheckpointKeeper checkpoint;
  private final Acknowledgements acknowledgements;
  private final Clock clock;

  private Pipeline(
      Merger<PulledBinlog> merge,
      PumpDirectory sources,
      Conveyor conveyor,
      Sink sink,
      CheckpointKeeper checkpoint,
      Acknowledgements acknowledgements,
      Clock clock) {
    this.acknowledgements = acknowledgements;
    this.clock = clock;
    this.merge = merge;
    this.sources = sources;
    this.conveyor = conveyor;
    this.sink = sink;
    this.checkpoint = checkpoint;
  }

  /** The cluster as the pipeline needs it. */
  public record Upstream(
      NodeRegistry registry, SchemaSource schema, TimeSource time, PumpDialer dialer) {}

  /**
   * How the stations are set.
   *
   * @param firstStart where to start without a checkpoint
   */
  public record Plan(
      FirstStart firstStart,
      Duration detectInterval,
      SourceSettings source,
      SchemaStart.Way schemaWay,
      UnknownActions unknownActions,
      FilterSettings filter,
      Set<Tso> ignoredCommitTs,
      SinkItem.Execution ddlExecution,
      Loopback loopback,
      int queueCapacity) {}

  /**
   * Puts the stations together and sets them going.
   *
   * @throws org.tidbbinlog.base.OperatorException when a station cannot be set up
   * @throws org.tidbbinlog.base.RetryableException when the cluster did not answer
   */
  public static Pipeline start(
      Upstream upstream, Target target, Plan plan, PipelineEvents events, Clock clock)
      throws InterruptedException {
    CheckpointStore store = target.checkpoints();
    Optional<Checkpoint> stored = store.load();
    Optional<Checkpoint> loaded = stored.or(plan.firstStart()::savepoint);
    Tso start = loaded.map(Checkpoint::commitTs).orElse(plan.firstStart().commitTs());
    long version = loaded.map(Checkpoint::schemaVersion).orElse(0L);
    CheckpointKeeper checkpoint = new CheckpointKeeper(store, stored, plan.firstStart(), clock);
    Acknowledgements acknowledgements = new Acknowledgements(checkpoint, events, clock);

    Merger<PulledBinlog> merge = new Merger<>(start, clock);
    PumpDirectory sources = sources(upstream, merge, plan, start, events, clock);
    SchemaTracker schema =
        new SchemaStart(upstream.schema(), plan.unknownActions())
            .at(start, version, upstream.time().next(), plan.schemaWay());
    BinlogFilter filter = new BinlogFilter(plan.filter());
    Translator translate = translator(upstream, schema, filter, plan, clock);
    Sink sink = target.open(loaded, start, acknowledgements);
    Conveyor conveyor =
        new Conveyor(merge, translate, sink, plan.queueCapacity(), acknowledgements, clock);
    Pipeline pipeline =
        new Pipeline(merge, sources, conveyor, sink, checkpoint, acknowledgements, clock);
    try {
      checkpoint.begin();
      conveyor.start();
      sources.open();
    } catch (RuntimeException | InterruptedException e) {
      pipeline.abandon();
      throw e;
    }
    return pipeline;
  }

  private static PumpDirectory sources(
      Upstream upstream,
      Merger<PulledBinlog> merge,
      Plan plan,
      Tso start,
      PipelineEvents events,
      Clock clock) {
    return new PumpDirectory(
        upstream.registry(),
        merge,
        upstream.dialer(),
        plan.source(),
        start,
        plan.detectInterval(),
        clock,
        events::onReceived);
  }

  private static Translator translator(
      Upstream upstream, SchemaTracker schema, BinlogFilter filter, Plan plan, Clock clock) {
    Translator.Parts parts =
        new Translator.Parts(
            schema,
            new JobLookup(upstream.schema(), upstream.time(), clock),
            new UnknownTables(upstream.schema(), upstream.time(), clock),
            filter);
    TranslateSettings settings =
        new TranslateSettings(
            plan.ignoredCommitTs(),
            plan.ddlExecution(),
            TranslateSettings.DEFAULT.eagerBytes(),
            plan.loopback());
    return new Translator(parts, settings, clock);
  }

  /** Reads the list of Pumps now; when this returns, new ones are part of the merge. */
  public void refreshPumps() {
    sources.refresh();
  }

  /** How each Pump stands in the merge. */
  public List<MergeProgress> pumps() {
    return merge.progress();
  }

  /** Everything up to here was handed to the stations behind the merge. */
  public Tso merged() {
    return merge.lastOutput();
  }

  /** Items between merge and sink. */
  public int queued() {
    return conveyor.queued();
  }

  /** The oldest transaction that the sink is at work on. */
  public Optional<Applying> applying() {
    return sink.applying();
  }

  public CheckpointKeeper checkpoint() {
    return checkpoint;
  }

  /** How an orderly stop ended. */
  public enum Stopped {
    /** All that was taken is applied, and the target has nothing else. */
    CONSISTENT,
    /**
     * All that was taken is applied; the target may have parts of what an earlier life was given,
     * or another program, and of what we have not come to yet.
     */
    TARGET_AHEAD,
    /** The target did not finish in time. */
    NOT_DRAINED
  }

  /**
   * Orderly stop (decision 0077): nothing more is taken from Pumps, the item on its way into the
   * sink is handed over whole, what the sink was given is applied, the checkpoint is saved as
   * consistent if it is.
   */
  public Stopped stop(Duration limit) throws InterruptedException {
    long endNs = clock.nanoTime() + limit.toNanos();
    Stopped stopped = Stopped.NOT_DRAINED;
    try {
      sources.close();
      if (conveyor.stop(limit)
          && sink.drain(Duration.ofNanos(Math.max(0, endNs - clock.nanoTime())))) {
        boolean ahead = sink.mayHoldBeyond(checkpoint.acknowledgedTs());
        stopped = ahead ? Stopped.TARGET_AHEAD : Stopped.CONSISTENT;
      }
    } finally {
      end(
          stopped == Stopped.CONSISTENT
              ? CheckpointKeeper.Ending.ORDERLY
              : CheckpointKeeper.Ending.RUNNING);
    }
    return stopped;
  }

  /** Stop after a failure: what the sink was given is applied if it still can, and saved. */
  public void abandon() throws InterruptedException {
    try {
      sources.close();
      var unused =
          conveyor.stop(acknowledgements.sinkFailed() ? Duration.ZERO : ABANDON_LIMIT)
              && !acknowledgements.sinkFailed()
              && sink.drain(ABANDON_LIMIT);
    } finally {
      end(CheckpointKeeper.Ending.RUNNING);
    }
  }

  /** Whatever broke before: the sink lets go of the target, and what is acknowledged is saved. */
  private void end(CheckpointKeeper.Ending how) throws InterruptedException {
    merge.close();
    try {
      sink.close();
    } finally {
      checkpoint.finish(how);
    }
  }
}
