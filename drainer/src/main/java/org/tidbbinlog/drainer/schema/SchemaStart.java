package org.tidbbinlog.drainer.schema;

import com.fasterxml.jackson.databind.node.NullNode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.schema.SchemaSource;
import org.tidbbinlog.cluster.schema.SnapshotTooOldException;
import org.tidbbinlog.codec.ddl.DdlJob;

/**
 * Where schema tracking starts: from TiKV's meta keys at the checkpoint when they are still there,
 * else from the whole DDL history, replayed up to the checkpoint's schema version. Source: ddl-meta
 * section 7.
 */
public final class SchemaStart {
  private static final Logger LOG = LoggerFactory.getLogger(SchemaStart.class);

  /** Which of the two ways is allowed. */
  public enum Way {
    SNAPSHOT_ELSE_HISTORY,
    /** {@code load-schema-snapshot = true}. */
    SNAPSHOT_ONLY
  }

  private final SchemaSource source;
  private final UnknownActions policy;

  public SchemaStart(SchemaSource source, UnknownActions policy) {
    this.source = source;
    this.policy = policy;
  }

  /**
   * @param checkpoint everything up to here is at the target
   * @param schemaVersion version stored with the checkpoint, 0 when unknown
   * @param now a fresh timestamp, at which the history is read
   */
  public SchemaTracker at(Tso checkpoint, long schemaVersion, Tso now, Way way)
      throws InterruptedException {
    if (checkpoint.isZero() && way == Way.SNAPSHOT_ELSE_HISTORY) {
      return fromHistory(checkpoint, schemaVersion, now, "the start is timestamp 0");
    }
    try {
      SchemaSource.SchemaDump dump = source.snapshotAt(checkpoint);
      LOG.atInfo()
          .addKeyValue("ts", checkpoint)
          .addKeyValue("version", dump.schemaVersion())
          .addKeyValue("databases", dump.databases().size())
          .log("schema loaded from a snapshot");
      return new SchemaTracker(SchemaSnapshot.of(dump), List.of(), policy);
    } catch (SnapshotTooOldException e) {
      if (way == Way.SNAPSHOT_ONLY) {
        throw new OperatorException(
            "load-schema-snapshot: "
                + e.getMessage()
                + "; start without it to replay the DDL history instead",
            e);
      }
      return fromHistory(checkpoint, schemaVersion, now, String.valueOf(e.getMessage()));
    }
  }

  private SchemaTracker fromHistory(Tso checkpoint, long schemaVersion, Tso now, String why)
      throws InterruptedException {
    List<DdlJob> jobs = new ArrayList<>();
    for (Iterator<DdlJob> history = source.historyAt(now); history.hasNext(); ) {
      DdlJob job = history.next();
      if (job.isFinished() && job.schemaVersion() > 0) {
        jobs.add(slim(job));
      }
    }
    SchemaTracker tracker = new SchemaTracker(SchemaSnapshot.initial(), jobs, policy);
    tracker.startAt(schemaVersion, checkpoint);
    LOG.atInfo()
        .addKeyValue("why", why)
        .addKeyValue("jobs", jobs.size())
        .addKeyValue("version", tracker.current().version())
        .log("schema loaded from the DDL history");
    return tracker;
  }

  /** Without arguments that repeat what the job says elsewhere: a history may hold 100,000 jobs. */
  static DdlJob slim(DdlJob job) {
    boolean needsArgs =
        switch (job.action()) {
          case RENAME_TABLE, RENAME_TABLES, EXCHANGE_TABLE_PARTITION, RECOVER_SCHEMA -> true;
          default -> false;
        };
    if (needsArgs || job.rawArgs().isNull()) {
      return job;
    }
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
        NullNode.getInstance(),
        job.query(),
        job.schemaVersion(),
        job.dbInfo(),
        job.tableInfo(),
        job.multipleTables(),
        job.finishedTs());
  }
}
