package org.tidbbinlog.drainer.schema;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.DecodeException;
import org.tidbbinlog.codec.ddl.DdlAction;
import org.tidbbinlog.codec.ddl.DdlJob;

/**
 * Moves the schema forward as transactions and DDL pass, so that each row is decoded with the
 * schema valid at its transaction (I5). Owned by the one thread that translates in commit order;
 * the snapshots it hands out may go anywhere.
 *
 * <p>Jobs from the history wait until a row or a DDL of their version arrives. Source: mutations
 * section 5, ddl-meta section 7.
 */
public final class SchemaTracker {
  private static final Logger LOG = LoggerFactory.getLogger(SchemaTracker.class);
  private static final Comparator<DdlJob> IN_ORDER =
      Comparator.comparingLong(DdlJob::schemaVersion).thenComparingLong(DdlJob::id);

  private final UnknownActions policy;
  private final PriorityQueue<DdlJob> waiting = new PriorityQueue<>(IN_ORDER);
  private final Map<Long, DdlJob> waitingById = new HashMap<>();
  private final LateJobs late = new LateJobs();
  private final Set<Long> setAside = new HashSet<>();
  private SchemaSnapshot current;

  /** Snapshots before and after a DDL of the stream. */
  public record Step(SchemaSnapshot before, SchemaSnapshot after) {}

  public SchemaTracker(SchemaSnapshot start, Collection<DdlJob> history, UnknownActions policy) {
    this.current = start;
    this.policy = policy;
    history.forEach(this::expect);
  }

  /** The newest snapshot reached. */
  public SchemaSnapshot current() {
    return current;
  }

  /** A finished job that is known but not yet reached. */
  public Optional<DdlJob> expected(long jobId) {
    Optional<DdlJob> waits = Optional.ofNullable(waitingById.get(jobId));
    return waits.isPresent() ? waits : late.find(jobId);
  }

  /**
   * Applies what came before the stream.
   *
   * @param checkpoint everything up to here is at the target
   */
  void startAt(long schemaVersion, Tso checkpoint) {
    late.takeBefore(checkpoint, schemaVersion).forEach(this::await);
    advanceTo(schemaVersion);
  }

  /** Adds a job to be reached later; jobs that changed nothing or are behind are left out. */
  public void expect(DdlJob job) {
    boolean effective = job.isFinished() && job.schemaVersion() > current.version();
    if (LateJobs.isOne(job)) {
      if (job.isFinished() && isNewFor(job)) {
        late.add(job);
      }
    } else if (effective) {
      await(job);
    }
  }

  private void await(DdlJob job) {
    if (waitingById.putIfAbsent(job.id(), job) == null) {
      waiting.add(job);
    }
  }

  /** Applies what is known up to the version and the time of a row: what it needs. */
  public SchemaSnapshot advanceTo(long schemaVersion, Tso commitTs) {
    late.takeOverdue(commitTs).forEach(this::await);
    return advanceTo(schemaVersion);
  }

  private SchemaSnapshot advanceTo(long schemaVersion) {
    for (DdlJob next = waiting.peek();
        next != null && next.schemaVersion() <= schemaVersion;
        next = waiting.peek()) {
      current = after(next);
      waiting.remove();
      waitingById.remove(next.id());
    }
    return current;
  }

  private SchemaSnapshot after(DdlJob job) {
    if (LateJobs.isOne(job) && !isNewFor(job)) {
      return current;
    }
    if (!setAside.contains(job.id())) {
      return SchemaChange.apply(current, job, policy);
    }
    try {
      return SchemaChange.apply(current, job, UnknownActions.IGNORE);
    } catch (DecodeException e) {
      LOG.atWarn()
          .addKeyValue("job", job.id())
          .addKeyValue("error", e.getMessage())
          .log("ignored DDL job cannot be applied to the schema, it is left out");
      return current.withVersion(job.schemaVersion());
    }
  }

  /** The operator ignores that job's DDL: what is not known about its effect stops nothing. */
  public void setAside(long jobId) {
    setAside.add(jobId);
  }

  /** Applies a finished job that came through the stream, with all known before it. */
  public Step apply(DdlJob job) {
    late.remove(job.id());
    if (LateJobs.isOne(job) && isNewFor(job)) {
      SchemaSnapshot before = advanceTo(job.schemaVersion() - 1);
      current = after(job);
      return new Step(before, current);
    }
    if (job.schemaVersion() <= current.version()) {
      LOG.atDebug()
          .addKeyValue("job", job.id())
          .addKeyValue("version", job.schemaVersion())
          .addKeyValue("current", current.version())
          .log("DDL job is already part of the schema");
      return new Step(current, current);
    }
    SchemaSnapshot before = advanceTo(job.schemaVersion() - 1);
    expect(job);
    return new Step(before, advanceTo(job.schemaVersion()));
  }

  /** Whether the job's table has had nothing newer, and is not gone. */
  private boolean isNewFor(DdlJob job) {
    return job.schemaVersion()
        > current.table(job.tableId()).map(TrackedTable::lastDdlVersion).orElse(current.version());
  }

  /** What becomes of jobs whose effect is unknown. */
  public UnknownActions unknownActions() {
    return policy;
  }

  /** Whether nothing is known about what the job did; such jobs do not move the schema. */
  public boolean hasUnknownEffect(DdlJob job) {
    return SchemaChange.isUnknown(job) && job.tableInfo() == null;
  }

  /**
   * A DROP COLUMN has begun: until its final binlog, rows may come with or without the column.
   * Source: ddl-meta section 1.
   */
  public void columnDropBegan(long tableId) {
    current = current.withColumnDrop(tableId);
  }

  /** Rows of that id are to be dropped from now on. */
  SchemaSnapshot forgetTruncated(long tableId) {
    current = current.withTruncated(tableId);
    return current;
  }

  /** Whether a job that may take columns away from that table is known to lie ahead. */
  public boolean columnDropIsAhead(long tableId) {
    return late.isAbout(tableId)
        || waiting.stream().anyMatch(job -> job.tableId() == tableId && takesColumns(job.action()));
  }

  private static boolean takesColumns(DdlAction action) {
    return action == DdlAction.DROP_COLUMN || action == DdlAction.DROP_COLUMNS;
  }
}
