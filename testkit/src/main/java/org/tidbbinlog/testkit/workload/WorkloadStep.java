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
   * What one changed row is about.
   *
   * @param names of the row and of its unique keys, before and after
   */
  record RowTouch(long tableId, Set<String> names) {
    public RowTouch {
      names = Set.copyOf(names);
    }
  }

  /**
   * A transaction of rows.
   *
   * @param touched names of the rows and unique keys it changes
   * @param rows the same for each of its rows, in their order
   */
  record Transaction(Binlog prewrite, Outcome outcome, Set<String> touched, List<RowTouch> rows)
      implements WorkloadStep {
    public Transaction {
      touched = Set.copyOf(touched);
      rows = List.copyOf(rows);
    }

    @Override
    public Kind kind() {
      return Kind.TRANSACTION;
    }
  }
}
