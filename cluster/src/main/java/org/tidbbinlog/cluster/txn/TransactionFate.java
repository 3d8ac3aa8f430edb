package org.tidbbinlog.cluster.txn;

import org.tidbbinlog.base.Tso;

/** What TiKV knows of a transaction. */
public sealed interface TransactionFate {
  /** Committed at {@code commitTs}. */
  record Committed(Tso commitTs) implements TransactionFate {}

  /** Rolled back, and can never commit. */
  record RolledBack() implements TransactionFate {}

  /** Not decided yet (alive, or too young to be judged): ask again later. */
  record Undecided(String why) implements TransactionFate {}
}
