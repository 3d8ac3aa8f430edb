package org.tidbbinlog.tools.differ;

import java.util.Iterator;
import java.util.Optional;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.schema.SchemaSource;
import org.tidbbinlog.cluster.schema.SnapshotTooOldException;
import org.tidbbinlog.codec.ddl.DdlJob;

/** A source whose old versions are collected: only the history of the jobs can be read. */
record CollectedMeta(SchemaSource source) implements SchemaSource {
  @Override
  public SchemaDump snapshotAt(Tso ts) {
    throw new SnapshotTooOldException(ts, Tso.MAX);
  }

  @Override
  public Iterator<DdlJob> historyAt(Tso ts) throws InterruptedException {
    return source.historyAt(ts);
  }

  @Override
  public Optional<DdlJob> job(long jobId, Tso ts) throws InterruptedException {
    return source.job(jobId, ts);
  }
}
