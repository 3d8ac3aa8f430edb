package org.tidbbinlog.drainer.sink;

import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.ddl.DdlJob;

/** What reaches a sink, in strictly increasing order of commit timestamps. */
public sealed interface SinkItem {
  /** One constant a member of the family. */
  enum Kind {
    TRANSACTION,
    DDL,
    PROGRESS
  }

  Kind kind();

  Tso commitTs();

  /** Schema version after this item; what the checkpoint stores. Never decreases. */
  long schemaVersion();

  /** When the item passed each stage. */
  StageTimes times();

  /** Nobody reads its rows any more. */
  default void giveRowsBack() {}

  /** Row changes of one upstream transaction, filters already applied, never empty. */
  record Transaction(
      Tso startTs, Tso commitTs, long schemaVersion, TransactionRows rows, StageTimes times)
      implements SinkItem {
    @Override
    public Kind kind() {
      return Kind.TRANSACTION;
    }

    @Override
    public void giveRowsBack() {
      rows.release();
    }
  }

  /**
   * A DDL that passed the filters.
   *
   * @param job as upstream has it, with upstream's names
   * @param query text of the binlog ({@code ddl_query}), as TiDB wrote it; with the target's names
   *     where {@code table-migrate-rule} gives others
   * @param schema database the DDL runs in at the target: what unqualified names mean
   * @param table table it is about, by the target's name, "" for database DDL
   * @param execution whether the target executes it or only forgets cached structure
   * @param obstacle why the target cannot be given {@code query}, which is then upstream's text
   */
  record Ddl(
      Tso commitTs,
      long schemaVersion,
      DdlJob job,
      String query,
      String schema,
      String table,
      Execution execution,
      Obstacle obstacle,
      StageTimes times)
      implements SinkItem {
    /** One that nothing stands in the way of. */
    public Ddl(
        Tso commitTs,
        long schemaVersion,
        DdlJob job,
        String query,
        String schema,
        String table,
        Execution execution,
        StageTimes times) {
      this(commitTs, schemaVersion, job, query, schema, table, execution, Obstacle.NONE, times);
    }

    @Override
    public Kind kind() {
      return Kind.DDL;
    }
  }

  /** Whether a DDL is run on the target. */
  enum Execution {
    EXECUTE,
    /** {@code sync-ddl = false}, or run there already: drop cached structure, send nothing. */
    FORGET_ONLY
  }

  /**
   * Nothing to apply, but the checkpoint may move up to here (heartbeats, filtered transactions).
   */
  record Progress(Tso commitTs, long schemaVersion, StageTimes times) implements SinkItem {
    @Override
    public Kind kind() {
      return Kind.PROGRESS;
    }
  }
}
