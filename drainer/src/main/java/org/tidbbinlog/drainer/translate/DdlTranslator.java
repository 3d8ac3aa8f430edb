package org.tidbbinlog.drainer.translate;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.codec.ddl.DdlAction;
import org.tidbbinlog.codec.ddl.DdlJob;
import org.tidbbinlog.codec.schema.SchemaState;
import org.tidbbinlog.drainer.filter.BinlogFilter;
import org.tidbbinlog.drainer.schema.DdlEffect;
import org.tidbbinlog.drainer.schema.JobLookup;
import org.tidbbinlog.drainer.schema.SchemaTracker;
import org.tidbbinlog.drainer.schema.UnknownActions;
import org.tidbbinlog.drainer.sink.Obstacle;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.StageTimes;

/**
 * DDL binlogs: finds the job, moves the schema, and says what the target is to do. Source: ddl-meta
 * sections 1 to 5, drainer section 9.
 */
final class DdlTranslator {
  private static final Logger LOG = LoggerFactory.getLogger(DdlTranslator.class);
  private static final String SEQUENCE_VALUE = "select setval";

  private final SchemaTracker tracker;
  private final JobLookup jobs;
  private final BinlogFilter filter;
  private final TranslateSettings settings;
  private final DdlRoutes routes;

  DdlTranslator(
      SchemaTracker tracker, JobLookup jobs, BinlogFilter filter, TranslateSettings settings) {
    this.tracker = tracker;
    this.jobs = jobs;
    this.filter = filter;
    this.settings = settings;
    this.routes = new DdlRoutes(filter);
  }

  /** Empty when the target has nothing to do. */
  Optional<SinkItem.Ddl> translate(Binlog binlog, StageTimes times) throws InterruptedException {
    if (isSequenceValue(binlog)) {
      return Optional.empty();
    }
    Optional<DdlJob> expected = tracker.expected(binlog.ddlJobId());
    DdlJob job = expected.isPresent() ? expected.get() : jobs.await(binlog.ddlJobId());
    Optional<SchemaTracker.Step> step = move(job, binlog);
    return step.isEmpty() || job.action().isSilent()
        ? Optional.empty()
        : output(job, binlog, step.get(), times);
  }

  /**
   * Moves the schema for a DDL that the operator ignores: rows behind it have its structure (I5). A
   * job that cannot be found or applied is left out, not waited for.
   */
  void follow(Binlog binlog) throws InterruptedException {
    if (isSequenceValue(binlog)) {
      return;
    }
    tracker.setAside(binlog.ddlJobId());
    Optional<DdlJob> expected = tracker.expected(binlog.ddlJobId());
    Optional<DdlJob> job = expected.isPresent() ? expected : jobs.tryAwait(binlog.ddlJobId());
    if (job.isEmpty()) {
      LOG.atWarn()
          .addKeyValue("job", binlog.ddlJobId())
          .addKeyValue("sql", binlog.ddlQuery().utf8())
          .addKeyValue("commit ts", binlog.commitTs())
          .log("ignored DDL has no job in the history: the schema does not follow it");
      return;
    }
    Optional<SchemaTracker.Step> step = move(job.get(), binlog);
    LOG.atWarn()
        .addKeyValue("sql", binlog.ddlQuery().utf8())
        .addKeyValue("commit ts", binlog.commitTs())
        .addKeyValue("version", job.get().schemaVersion())
        .log(
            step.isEmpty() || tracker.hasUnknownEffect(job.get())
                ? "ignored DDL changes nothing in the schema"
                : "ignored DDL is not run at the target, the schema follows it");
  }

  private static boolean isSequenceValue(Binlog binlog) {
    String query = binlog.ddlQuery().utf8();
    return query.stripLeading().toLowerCase(Locale.ROOT).startsWith(SEQUENCE_VALUE);
  }

  /** Empty when this binlog is not the one that makes the schema move. */
  private Optional<SchemaTracker.Step> move(DdlJob job, Binlog binlog) {
    if (DdlEffect.isDdlSystemTable(job.tableId())) {
      return Optional.empty();
    }
    if (binlog.ddlSchemaState() == SchemaState.DELETE_ONLY.number()) {
      tracker.columnDropBegan(job.tableId());
      return Optional.empty();
    }
    if (!job.isFinished()) {
      return Optional.empty();
    }
    if (job.schemaVersion() == 0) {
      tellOfUntracked(job, binlog, binlog.ddlQuery().utf8());
      return Optional.empty();
    }
    return Optional.of(tracker.apply(job));
  }

  private Optional<SinkItem.Ddl> output(
      DdlJob job, Binlog binlog, SchemaTracker.Step step, StageTimes times) {
    String query = binlog.ddlQuery().utf8();
    DdlNames names = DdlNames.of(job, query, step);
    Predicate<DdlNames.Subject> isKept =
        name -> filter.keepsDdl(name.schema(), name.table(), job.query());
    List<DdlNames.Subject> kept = names.subjects().stream().filter(isKept).toList();
    LOG.atInfo()
        .addKeyValue("sql", query)
        .addKeyValue("schema", names.runsIn())
        .addKeyValue("commit ts", binlog.commitTs())
        .addKeyValue("version", job.schemaVersion())
        .addKeyValue("filtered", kept.isEmpty())
        .log("DDL reached");
    return routed(job, names, kept, query, binlog, step)
        .map(
            routed ->
                new SinkItem.Ddl(
                    binlog.commitTs(),
                    job.schemaVersion(),
                    job,
                    routed.query(),
                    routed.schema(),
                    routed.table(),
                    execution(query),
                    routed.obstacle(),
                    times));
  }

  private Optional<DdlRoutes.Routed> routed(
      DdlJob job,
      DdlNames names,
      List<DdlNames.Subject> kept,
      String query,
      Binlog binlog,
      SchemaTracker.Step step) {
    if (tracker.hasUnknownEffect(job)) {
      // Filters cannot tell of a job that names no database.
      boolean aboutAll = names.subjects().stream().anyMatch(name -> name.schema().isEmpty());
      return kept.isEmpty() && !aboutAll
          ? Optional.empty()
          : unknown(job, new DdlRoutes.Statement(query, names.runsIn(), names.subjects()), step);
    }
    if (kept.isEmpty()) {
      return Optional.empty();
    }
    Predicate<DdlNames.Subject> isKept = kept::contains;
    String passed =
        kept.size() == names.subjects().size() ? query : part(names, binlog, query, isKept);
    return routes.route(new DdlRoutes.Statement(passed, names.runsIn(), kept), step);
  }

  private Optional<DdlRoutes.Routed> unknown(
      DdlJob job, DdlRoutes.Statement statement, SchemaTracker.Step step) {
    if (tracker.unknownActions() == UnknownActions.IGNORE) {
      LOG.atWarn()
          .addKeyValue("sql", statement.query())
          .addKeyValue("action", job.actionNumber())
          .addKeyValue("job", job.id())
          .log("DDL of an unknown action is left out");
      return Optional.empty();
    }
    String why =
        "job %d has the unknown action %d and carries no table: its effect cannot be known"
            .formatted(job.id(), job.actionNumber());
    return Optional.of(routes.held(statement, step, Obstacle.Kind.UNKNOWN_ACTION, why));
  }

  /** One that a Drainer of our channel ran has had its effect where it came from. */
  private SinkItem.Execution execution(String query) {
    return settings.loopback().isMarked(query)
        ? SinkItem.Execution.FORGET_ONLY
        : settings.ddlExecution();
  }

  /** A statement about tables that are filtered and tables that are not. */
  private static String part(
      DdlNames names, Binlog binlog, String query, Predicate<DdlNames.Subject> isKept) {
    Optional<String> part = names.renameOf(query, isKept);
    LOG.atWarn()
        .addKeyValue("sql", query)
        .addKeyValue("passed", part.orElse(query))
        .addKeyValue("commit ts", binlog.commitTs())
        .log(
            part.isPresent()
                ? "DDL names filtered tables: they are left out of it"
                : "DDL names filtered tables and cannot be taken apart: all of it is passed on");
    return part.orElse(query);
  }

  private static void tellOfUntracked(DdlJob job, Binlog binlog, String query) {
    if (job.action() == DdlAction.FLASHBACK_CLUSTER) {
      LOG.atError()
          .addKeyValue("sql", query)
          .addKeyValue("commit ts", binlog.commitTs())
          .log("cluster was flashed back: its data changes are in no binlog, make the target anew");
    }
  }
}
