package org.tidbbinlog.tools.differ;

import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.schema.SchemaSource;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.drainer.filter.BinlogFilter;
import org.tidbbinlog.drainer.filter.FilterSettings;
import org.tidbbinlog.drainer.schema.JobLookup;
import org.tidbbinlog.drainer.schema.SchemaStart;
import org.tidbbinlog.drainer.schema.UnknownActions;
import org.tidbbinlog.drainer.schema.UnknownTables;
import org.tidbbinlog.drainer.sink.Checkpoint;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.StageTimes;
import org.tidbbinlog.drainer.source.PulledBinlog;
import org.tidbbinlog.drainer.translate.Translation;
import org.tidbbinlog.drainer.translate.Translator;
import org.tidbbinlog.sinks.mysql.MysqlCheckpointStore;
import org.tidbbinlog.sinks.mysql.MysqlSink;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings;
import org.tidbbinlog.sinks.mysql.ResumeFrom;
import org.tidbbinlog.sinks.mysql.apply.SinkCounters;
import org.tidbbinlog.sinks.mysql.target.TargetFault;
import org.tidbbinlog.tools.compare.StructureComparison;
import org.tidbbinlog.tools.compare.TargetComparison;
import org.tidbbinlog.tools.compare.WorkloadTruth;

/**
 * Runs one history into the target, in one or several lives of the sink, and says what is wrong
 * then. Binlogs take the real way: translator, sink, ledger, checkpoint.
 */
final class CaseRun {
  private static final Tso BEFORE_ALL = new Tso(1);
  private static final int MOST_STARTS = 20;
  private static final int NO_SUCH_TABLE = 1146;
  private static final Duration DRAIN_LIMIT = Duration.ofMinutes(5);

  private final CasePlan plan;
  private final History history;
  private final DifferTarget target;
  private final MysqlTargetSettings direct;
  private final Clock clock = Clock.system();
  private final long cluster;
  private final RandomGenerator random;
  private MysqlTargetSettings settings;
  private Optional<Checkpoint> stored = Optional.empty();

  /**
   * @param cluster a number that no other run on that server has
   */
  CaseRun(CasePlan plan, History history, DifferTarget target, long cluster) {
    this.plan = plan;
    this.history = history;
    this.target = target;
    this.direct = plan.settings(target.settings());
    this.settings = direct;
    this.cluster = cluster;
    this.random = CasePlan.random(plan.seed() + 2);
  }

  /** What is wrong in the end, one line each; empty when the target equals the model. */
  List<String> differences() throws SQLException, InterruptedException {
    target.drop(history.databases());
    KeptLeftovers kept = new KeptLeftovers(target.connection(), settings.ledgerSchema(), cluster);
    try (Weather weather = Weather.of(plan, direct)) {
      settings = weather.settings();
      for (int left = plan.restarts(); left >= 0; left--) {
        Optional<String> failure = live(left == 0);
        if (failure.isPresent()) {
          return List.of(failure.get());
        }
      }
      List<String> differences = new ArrayList<>(kept.contradictions());
      kept.drop();
      differences.addAll(
          new TargetComparison(target.connection(), target.scope())
              .compare(WorkloadTruth.of(history.truth()))
              .differences());
      differences.addAll(
          new StructureComparison(target.connection())
              .differences(history.structure(), history.databases()));
      return differences;
    } finally {
      kept.drop();
      target.drop(history.databases());
      forgetLedger();
    }
  }

  /** One life of the sink; the last one takes all that is left. */
  private Optional<String> live(boolean last) throws InterruptedException {
    Tso from = stored.map(Checkpoint::commitTs).orElse(BEFORE_ALL);
    int first = history.position(from);
    int rest = history.entries().size() - first;
    int until = last ? first + rest : first + random.nextInt(rest + 1);
    ResumeFrom resume = stored.isPresent() ? ResumeFrom.checkpoint(from) : ResumeFrom.initial(from);
    Acknowledged acks = new Acknowledged();
    SinkCounters counters = new SinkCounters(SinkCounters.Listener.NONE);
    try (MysqlSink sink = open(resume, acks, counters)) {
      JobsSoFar soFar = new JobsSoFar(history, history.entries().subList(0, first));
      boolean seesAll = plan.sight() == CasePlan.Sight.ALL_JOBS;
      Translator translator = translator(seesAll ? history : soFar, from);
      for (History.Entry entry : history.entries().subList(first, until)) {
        soFar.reached(entry.binlog());
        Optional<SinkItem> item =
            translator.translate(pulled(entry.binlog())).map(Translation::finish);
        if (item.isPresent()) {
          sink.submit(item.get());
        }
      }
      if (last && !sink.drain(DRAIN_LIMIT)) {
        return Optional.of("not applied within " + DRAIN_LIMIT + ": " + acks.failure());
      }
    } catch (RuntimeException e) {
      return Optional.of("stopped: " + e);
    }
    if (acks.failure().isPresent()) {
      return Optional.of("stopped: " + acks.failure().get());
    }
    if (counters.divergences() > 0) {
      return Optional.of(counters.divergences() + " row counts contradict the row images");
    }
    if (!last) {
      maybeSave(acks);
    }
    return Optional.empty();
  }

  private MysqlSink open(ResumeFrom resume, Acknowledged acks, SinkCounters counters) {
    return again(
        () ->
            MysqlSink.open(
                settings, cluster, resume, acks, counters, clock, new Random(plan.seed())));
  }

  /** What meets a cut connection at its start is what the operator starts again. */
  private <T> T again(Supplier<T> start) {
    for (int tries = 1; ; tries++) {
      try {
        return start.get();
      } catch (OperatorException e) {
        boolean cut = e.getCause() instanceof SQLException error && isCut(error);
        if (tries == MOST_STARTS || !cut) {
          throw e;
        }
      }
    }
  }

  private boolean isCut(SQLException error) {
    return plan.network() == CasePlan.Network.CUT
        && TargetFault.of(error) == TargetFault.CONNECTION;
  }

  private void maybeSave(Acknowledged acks) {
    Optional<Checkpoint> reached = acks.checkpoint();
    boolean ahead =
        reached.isPresent()
            && reached.get().commitTs().isAfter(stored.map(Checkpoint::commitTs).orElse(Tso.ZERO));
    if (ahead && random.nextInt(3) > 0) {
      try (MysqlCheckpointStore store = again(() -> MysqlCheckpointStore.open(settings, cluster))) {
        save(store, reached.get());
        stored = again(store::load);
      }
    }
  }

  /** It may be stored or not when the connection is cut. */
  private static void save(MysqlCheckpointStore store, Checkpoint checkpoint) {
    try {
      store.save(checkpoint);
    } catch (RetryableException cut) {
      // What is stored now is read behind this.
    }
  }

  private Translator translator(SchemaSource source, Tso from) throws InterruptedException {
    long version = stored.map(Checkpoint::schemaVersion).orElse(0L);
    boolean snapshot =
        stored.isPresent()
            && plan.restart() == CasePlan.Restart.FROM_SNAPSHOT
            && !history.isWithinAChange(from);
    SchemaStart start =
        new SchemaStart(snapshot ? source : new CollectedMeta(source), UnknownActions.STOP);
    SchemaStart.Way way =
        snapshot ? SchemaStart.Way.SNAPSHOT_ONLY : SchemaStart.Way.SNAPSHOT_ELSE_HISTORY;
    return new Translator(
        new Translator.Parts(
            start.at(from, version, Tso.MAX, way),
            new JobLookup(source, () -> Tso.MAX, clock),
            new UnknownTables(source, () -> Tso.MAX, clock),
            new BinlogFilter(FilterSettings.DEFAULT)),
        plan.translation(),
        clock);
  }

  static PulledBinlog pulled(Binlog binlog) {
    return new PulledBinlog(
        "pump", binlog.startTs(), binlog.commitTs(), Payload.of(binlog.encode()), new StageTimes());
  }

  private void forgetLedger() throws SQLException {
    try (Statement statement = target.connection().createStatement()) {
      for (String table : List.of("drainer_ledger", "drainer_dropped", "checkpoint")) {
        try {
          statement.execute(
              "delete from %s.%s where clusterID=%d"
                  .formatted(settings.ledgerSchema(), table, cluster));
        } catch (SQLException e) {
          if (e.getErrorCode() != NO_SUCH_TABLE) {
            throw e;
          }
        }
      }
    }
  }
}
