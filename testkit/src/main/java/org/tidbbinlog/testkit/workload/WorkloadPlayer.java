package org.tidbbinlog.testkit.workload;

import java.util.List;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.binlog.Binlog;

/**
 * Plays steps as a TiDB server would: lock, prewrite record, commit timestamp, commit, second
 * record. As thread-safe as its port. Source: pump-protocol section 5.
 */
public final class WorkloadPlayer {
  private final WorkloadPort port;

  public WorkloadPlayer(WorkloadPort port) {
    this.port = port;
  }

  /** Writes what is in the meta space before the first step. */
  public void begin(Workload workload) {
    Tso ts = port.timestamp();
    workload.initialMeta().forEach(write -> port.writeMeta(write, ts));
  }

  /** Returns the commit timestamp; zero when the transaction was rolled back. */
  public Tso play(WorkloadStep step) {
    return switch (step.kind()) {
      case DDL -> playDdl((WorkloadStep.Ddl) step);
      case TRANSACTION -> playTransaction((WorkloadStep.Transaction) step);
    };
  }

  private Tso playDdl(WorkloadStep.Ddl ddl) {
    Tso commitTs = prewrite(ddl.prewrite());
    write(ddl.atCommit(), commitTs);
    commit(ddl.prewrite(), commitTs);
    port.writeBinlog(Binlog.commitOf(ddl.prewrite(), commitTs));
    if (!ddl.afterCommit().isEmpty()) {
      write(ddl.afterCommit(), port.timestamp());
    }
    return commitTs;
  }

  private Tso playTransaction(WorkloadStep.Transaction transaction) {
    Binlog prewrite = transaction.prewrite();
    Tso commitTs = prewrite(prewrite);
    if (transaction.outcome().isCommitted()) {
      commit(prewrite, commitTs);
    } else {
      port.rollback(prewrite.startTs(), prewrite.prewriteKey().toBytes());
    }
    transaction.outcome().notice(prewrite, commitTs).ifPresent(port::writeBinlog);
    return transaction.outcome().isCommitted() ? commitTs : Tso.ZERO;
  }

  private Tso prewrite(Binlog prewrite) {
    port.lock(prewrite.startTs(), prewrite.prewriteKey().toBytes());
    port.writeBinlog(prewrite);
    return port.timestamp();
  }

  private void commit(Binlog prewrite, Tso commitTs) {
    port.commit(prewrite.startTs(), commitTs, prewrite.prewriteKey().toBytes());
  }

  private void write(List<MetaWrite> writes, Tso commitTs) {
    writes.forEach(write -> port.writeMeta(write, commitTs));
  }
}
