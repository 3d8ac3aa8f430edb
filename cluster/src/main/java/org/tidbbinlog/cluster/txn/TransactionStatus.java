package org.tidbbinlog.cluster.txn;

import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;

/**
 * Asks TiKV what became of a transaction whose Commit record is missing. Source: tikv-access
 * section 2.
 */
public interface TransactionStatus {
  /**
   * Reads the primary key's versions first; only when they say nothing and the transaction is older
   * than 600 s against {@code now} does it let TiKV decide (which may plant a rollback).
   *
   * @param primaryKey raw key, the Prewrite's {@code prewrite_key}
   * @throws RetryableException when TiKV or PD did not answer
   */
  TransactionFate fateOf(Tso startTs, byte[] primaryKey, Tso now) throws InterruptedException;
}
