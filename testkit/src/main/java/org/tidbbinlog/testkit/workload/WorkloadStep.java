package org.tidbbinlog.testkit.workload;

import java.util.List;
import java.util.Set;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.codec.ddl.DdlJob;

/**
 * One thing that happens. A step assumes that all earlier steps are over; transactions may still
 * run side by side when they share no {@link Transaction#touched} key. A DDL runs alone.
 */
public sealed interface WorkloadStep {
  /** One constant a member of the family. */
  enum Kind {
    DDL,
    TRANSACTION
  }

  Kind kind();

  /** The first record; it is sent and acknowledged before the commit timestamp is asked for. */
  Binlog prewrite();

  /**
   * A step of a DDL job that writes a binlog.
   *
   * @param job as the history will hold it; of a drop-column's first step, as it will be in the end
   * @param atCommit written by the transaction itself, at its commit timestamp
   * @param afterCommit the history's entry, written a little later; nothing after a first step
   */
  record Ddl(Binlog prewrite, DdlJob job, List<MetaWrite> atCommit, List<MetaWrite> afterCommit)
      implements WorkloadStep {
    public Ddl {
      atCommit = List.copyOf(atCommit);
      afterCommit = List.copyOf(afterCommit);
    }

    @Override
    public Kind kind() {
      return Kind.DDL;
    }
  }

  /**
   * A transaction of rows.
   *
   * @param touched names of the rows and unique keys it changes
   */
  record Transaction(Binlog prewrite, Outcome outcome, Set<String> touched)
      implements WorkloadStep {
    public Transaction {
      touched = Set.copyOf(touched);
    }

    @Override
    public Kind kind() {
      return Kind.TRANSACTION;
    }
  }
}
