package org.tidbbinlog.cluster.schema;

import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.ddl.DdlJob;
import org.tidbbinlog.codec.schema.DbInfo;
import org.tidbbinlog.codec.schema.TableInfo;

/**
 * TiDB's meta keys in TiKV. Calls block and retry region errors, locks and leader moves inside;
 * {@link RetryableException} when the time limit passed. Source: ddl-meta sections 6 and 7.
 */
public interface SchemaSource {
  /**
   * Databases and tables as they were at {@code ts}.
   *
   * @throws SnapshotTooOldException when {@code ts} is behind the GC safe point
   */
  SchemaDump snapshotAt(Tso ts) throws InterruptedException;

  /** The whole finished-DDL history at {@code ts}, in no particular order, read page by page. */
  Iterator<DdlJob> historyAt(Tso ts) throws InterruptedException;

  /** One finished job, empty while it is not in the history yet. */
  Optional<DdlJob> job(long jobId, Tso ts) throws InterruptedException;

  /**
   * What TiKV's meta space held at one timestamp.
   *
   * @param schemaVersion value of {@code SchemaVersionKey} at that timestamp
   */
  record SchemaDump(Tso ts, long schemaVersion, List<DatabaseDump> databases) {
    public SchemaDump {
      databases = List.copyOf(databases);
    }
  }

  /** One database with its tables, views and sequences. */
  record DatabaseDump(DbInfo info, List<TableInfo> tables) {
    public DatabaseDump {
      tables = List.copyOf(tables);
    }
  }
}
