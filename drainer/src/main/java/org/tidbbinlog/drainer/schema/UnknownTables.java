package org.tidbbinlog.drainer.schema;

import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.schema.SchemaSource;
import org.tidbbinlog.cluster.time.TimeSource;
import org.tidbbinlog.codec.ddl.DdlAction;
import org.tidbbinlog.codec.ddl.DdlJob;

/**
 * Rows of a table id that the tracker does not know: old servers write the DDL's binlog one step
 * late, and a snapshot does not tell which ids were truncated before it. The history says which of
 * the two it is; when it does not either, replication must stop. Source: mutations section 5.
 */
public final class UnknownTables {
  private static final Logger LOG = LoggerFactory.getLogger(UnknownTables.class);

  private static final Duration BETWEEN_TRIES = Duration.ofSeconds(1);

  private final SchemaSource source;
  private final TimeSource time;
  private final Clock clock;

  public UnknownTables(SchemaSource source, TimeSource time, Clock clock) {
    this.source = source;
    this.time = time;
    this.clock = clock;
  }

  /**
   * The snapshot in which the table is known, or known to be gone.
   *
   * @throws OperatorException when the history does not know the table
   */
  public SchemaSnapshot settle(
      SchemaTracker tracker, long tableId, long rowSchemaVersion, Tso commitTs)
      throws InterruptedException {
    Map<Long, DdlJob> enders = readHistory(tracker);
    SchemaSnapshot schema = tracker.advanceTo(rowSchemaVersion, commitTs);
    if (schema.table(tableId).isPresent() || schema.isWithoutRows(tableId)) {
      return schema;
    }
    Optional<DdlJob> ender = Optional.ofNullable(enders.get(tableId));
    if (ender.isEmpty() || ender.get().schemaVersion() > schema.version()) {
      throw new OperatorException(
          "the transaction with commit ts "
              + commitTs
              + " changes rows of table id "
              + tableId
              + ", which neither the schema at version "
              + schema.version()
              + " nor the DDL history knows; to go on without this transaction, add "
              + commitTs
              + " to ignore-txn-commit-ts, else make the target anew from a backup");
    }
    LOG.atInfo()
        .addKeyValue("table", tableId)
        .addKeyValue("job", ender.get().id())
        .log("rows of a table that was truncated are dropped");
    return tracker.forgetTruncated(tableId);
  }

  /** Tells the tracker of all jobs; returns the truncations by the id they ended. */
  private Map<Long, DdlJob> readHistory(SchemaTracker tracker) throws InterruptedException {
    while (true) {
      try {
        Map<Long, DdlJob> enders = new HashMap<>();
        for (Iterator<DdlJob> jobs = source.historyAt(time.next()); jobs.hasNext(); ) {
          DdlJob job = jobs.next();
          if (job.isFinished()) {
            tracker.expect(SchemaStart.slim(job));
            if (job.action() == DdlAction.TRUNCATE_TABLE) {
              enders.put(job.tableId(), job);
            }
          }
        }
        return enders;
      } catch (RetryableException e) {
        LOG.atWarn().addKeyValue("error", e.getMessage()).log("DDL history not read, trying again");
        clock.sleep(BETWEEN_TRIES);
      }
    }
  }
}
