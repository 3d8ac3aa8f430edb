package org.tidbbinlog.tools.differ;

import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.schema.SchemaSource;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.codec.ddl.DdlJob;

/** A history as a Drainer that keeps up meets it: a job is there when its binlog is. */
final class JobsSoFar implements SchemaSource {
  private final History history;
  private final Set<Long> there = new HashSet<>();

  /**
   * @param before binlogs of an earlier life
   */
  JobsSoFar(History history, List<History.Entry> before) {
    this.history = history;
    before.forEach(entry -> reached(entry.binlog()));
  }

  void reached(Binlog binlog) {
    there.add(binlog.ddlJobId());
  }

  @Override
  public SchemaDump snapshotAt(Tso ts) {
    return history.snapshotAt(ts);
  }

  @Override
  public Iterator<DdlJob> historyAt(Tso ts) {
    return history.jobs().stream().filter(job -> there.contains(job.id())).iterator();
  }

  @Override
  public Optional<DdlJob> job(long jobId, Tso ts) {
    return there.contains(jobId) ? history.job(jobId, ts) : Optional.empty();
  }
}
