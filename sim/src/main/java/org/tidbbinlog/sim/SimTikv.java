package org.tidbbinlog.sim;

import java.util.Map;
import java.util.TreeMap;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.txn.TransactionFate;
import org.tidbbinlog.cluster.txn.TransactionStatus;

/** TiKV: what became of each transaction, and the only place where that is decided. */
final class SimTikv implements TransactionStatus {
  private final Map<Long, Transaction> transactions = new TreeMap<>();
  private final EventLog log;
  private final long lockLivesMs;
  private boolean away;

  /**
   * @param lockLivesMs after this an undecided transaction is rolled back for whoever asks
   */
  SimTikv(EventLog log, long lockLivesMs) {
    this.log = log;
    this.lockLivesMs = lockLivesMs;
  }

  void goAway() {
    away = true;
  }

  void comeBack() {
    away = false;
  }

  boolean isAway() {
    return away;
  }

  Transaction transaction(long startTs) {
    Transaction transaction = transactions.get(startTs);
    if (transaction == null) {
      throw new Violation("I3", "transaction " + startTs + ", which nobody began");
    }
    return transaction;
  }

  void add(Transaction transaction) {
    transactions.put(transaction.startTs(), transaction);
  }

  /** False when it was rolled back meanwhile. */
  boolean commit(Transaction transaction, long commitTs) {
    if (transaction.fate() == Transaction.Fate.ROLLED_BACK) {
      return false;
    }
    transaction.commit(commitTs);
    return true;
  }

  @Override
  public TransactionFate fateOf(Tso startTs, byte[] primaryKey, Tso now) {
    if (away) {
      throw new RetryableException("TiKV is away");
    }
    Transaction transaction = transaction(startTs.value());
    if (transaction.fate() == Transaction.Fate.OPEN
        && now.physicalMs() - startTs.physicalMs() > lockLivesMs) {
      log.add("tikv lets " + startTs + " go: too old");
      transaction.rollBack();
    }
    return switch (transaction.fate()) {
      case OPEN -> new TransactionFate.Undecided("locked");
      case COMMITTED -> new TransactionFate.Committed(new Tso(transaction.commitTs()));
      case ROLLED_BACK -> new TransactionFate.RolledBack();
    };
  }
}
