package org.tidbbinlog.tools.differ;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.schema.SchemaSource;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.codec.ddl.DdlAction;
import org.tidbbinlog.codec.ddl.DdlJob;
import org.tidbbinlog.codec.schema.TableInfo;
import org.tidbbinlog.testkit.workload.TruthStructure;
import org.tidbbinlog.testkit.workload.TruthTable;
import org.tidbbinlog.testkit.workload.Workload;
import org.tidbbinlog.testkit.workload.WorkloadStep;

/**
 * One load, whole: its binlogs in commit order, its DDL jobs, and the truth it leads to. Made once,
 * then only read.
 */
final class History implements SchemaSource {
  private static final long FIRST_START_MS = 1_700_000_000_000L;
  private static final long FIRST_COMMIT_MS = FIRST_START_MS + 3_600_000;
  private static final int TICK = 5;

  private final List<Entry> entries;
  private final Map<Long, DdlJob> jobs;
  private final List<TruthTable> truth;
  private final List<TruthStructure> structure;
  private final MetaSpace meta;
  private final Families families;

  /**
   * A binlog that is complete.
   *
   * @param rows what each of its rows touches, in their order; nothing for DDL
   */
  record Entry(Binlog binlog, List<WorkloadStep.RowTouch> rows) {
    Tso commitTs() {
      return binlog.commitTs();
    }
  }

  private History(
      List<Entry> entries,
      Map<Long, DdlJob> jobs,
      List<TruthTable> truth,
      List<TruthStructure> structure,
      MetaSpace meta,
      Families families) {
    this.entries = List.copyOf(entries);
    this.jobs = jobs;
    this.truth = truth;
    this.structure = structure;
    this.meta = meta;
    this.families = families;
  }

  /** The load of a plan, ended where nothing is under way. */
  static History of(CasePlan plan) {
    Workload workload = new Workload(plan.seed(), plan.spec(), plan.ddlKinds());
    Clock clock = new Clock(FIRST_START_MS);
    List<WorkloadStep> steps = new ArrayList<>();
    while (steps.size() < plan.steps() || !workload.isSettled()) {
      steps.add(workload.next(clock::next));
    }
    Overtaking overtaking = new Overtaking(CasePlan.random(plan.seed() + 1), plan.ddlKinds());
    return of(overtaking.of(steps), workload);
  }

  private static History of(List<WorkloadStep> steps, Workload workload) {
    Clock clock = new Clock(FIRST_COMMIT_MS);
    MetaSpace meta = new MetaSpace();
    meta.add(Tso.ZERO, workload.initialMeta());
    Map<Long, DdlJob> jobs = new LinkedHashMap<>();
    List<Entry> entries = new ArrayList<>();
    for (WorkloadStep step : steps) {
      Binlog prewrite = step.prewrite();
      Binlog complete = prewrite.withCommit(Binlog.commitOf(prewrite, clock.next()));
      if (step instanceof WorkloadStep.Ddl ddl) {
        if (ddl.job().isFinished()) {
          jobs.put(ddl.job().id(), finished(ddl.job(), complete.commitTs().value() - 1));
        }
        meta.add(complete.commitTs(), ddl.atCommit());
        entries.add(new Entry(complete, List.of()));
      } else if (step instanceof WorkloadStep.Transaction transaction
          && transaction.outcome().isCommitted()) {
        entries.add(new Entry(complete, transaction.rows()));
      }
    }
    Families families = new Families();
    entries.forEach(entry -> entry.rows().forEach(families::add));
    return new History(entries, jobs, workload.truth(), workload.structure(), meta, families);
  }

  /** With the start of its last transaction among the commits. */
  private static DdlJob finished(DdlJob job, long finishedTs) {
    return new DdlJob(
        job.id(),
        job.action(),
        job.actionNumber(),
        job.schemaId(),
        job.tableId(),
        job.schemaName(),
        job.tableName(),
        job.state(),
        job.schemaState(),
        job.rawArgs(),
        job.query(),
        job.schemaVersion(),
        job.dbInfo(),
        job.tableInfo(),
        job.multipleTables(),
        finishedTs);
  }

  List<Entry> entries() {
    return entries;
  }

  Collection<DdlJob> jobs() {
    return jobs.values();
  }

  List<TruthTable> truth() {
    return truth;
  }

  /** How the tables are defined in the end, and the views there are. */
  List<TruthStructure> structure() {
    return structure;
  }

  /** What belongs together, by number. */
  Set<Integer> families() {
    return families.all();
  }

  /** The same history with the rows of some families only. */
  History only(List<Integer> wanted) {
    Set<Integer> kept = Set.copyOf(wanted);
    List<Entry> fewer = new ArrayList<>();
    for (Entry entry : entries) {
      if (entry.binlog().isDdl()) {
        fewer.add(entry);
      } else {
        List<Boolean> rows =
            entry.rows().stream().map(row -> kept.contains(families.of(row))).toList();
        RowCut.cut(entry, rows).ifPresent(fewer::add);
      }
    }
    List<TruthTable> rest =
        truth.stream().map(table -> table.only(row -> kept.contains(families.of(row)))).toList();
    return new History(fewer, jobs, rest, structure, meta, families);
  }

  /** Whether the job makes or changes a table that rows are in, or a database. */
  boolean isAbout(DdlJob job) {
    Set<Long> tables = new HashSet<>();
    entries.forEach(entry -> entry.rows().forEach(row -> tables.add(row.tableId())));
    TableInfo table = job.tableInfo();
    return table == null || tables.contains(table.id()) || tables.contains(job.tableId());
  }

  /** Databases that the load makes at any time, or gives another name to. */
  Set<String> databases() {
    return jobs.values().stream()
        .filter(
            job ->
                job.action() == DdlAction.CREATE_SCHEMA || job.action() == DdlAction.RECOVER_SCHEMA)
        .map(DdlJob::schemaName)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** How many binlogs are up to there. */
  int position(Tso commitTs) {
    int count = 0;
    while (count < entries.size() && !entries.get(count).commitTs().isAfter(commitTs)) {
      count++;
    }
    return count;
  }

  /**
   * Whether a job with a later binlog has published its last version before: upstream's meta space
   * has its structure by then, the target not, and a start from a snapshot stops at the first row
   * that shows it (decision 0057).
   */
  boolean isWithinAChange(Tso ts) {
    long passed = 0;
    for (Entry entry : entries) {
      DdlJob job = jobs.get(entry.binlog().ddlJobId());
      if (job != null && entry.commitTs().isAfter(ts) && job.schemaVersion() < passed) {
        return true;
      } else if (job != null && !entry.commitTs().isAfter(ts)) {
        passed = Math.max(passed, job.schemaVersion());
      }
    }
    return false;
  }

  long ddlCount() {
    return entries.stream().filter(entry -> entry.binlog().isDdl()).count();
  }

  long rowCount() {
    return entries.stream().mapToLong(entry -> entry.rows().size()).sum();
  }

  @Override
  public SchemaDump snapshotAt(Tso ts) {
    return meta.at(ts);
  }

  @Override
  public Iterator<DdlJob> historyAt(Tso ts) {
    return jobs.values().iterator();
  }

  @Override
  public Optional<DdlJob> job(long jobId, Tso ts) {
    return Optional.ofNullable(jobs.get(jobId));
  }

  /** Timestamps of one history. */
  private static final class Clock {
    private long last;

    Clock(long firstMs) {
      this.last = Tso.of(firstMs, 0).value();
    }

    Tso next() {
      last += TICK;
      return new Tso(last);
    }
  }
}
