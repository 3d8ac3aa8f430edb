package org.tidbbinlog.cluster.txn;

import org.tidbbinlog.base.RetryableException;

/** What TiKV holds of one key, for human eyes. Source: pump section 13. */
@FunctionalInterface
public interface KeyVersions {
  /**
   * Lock, write records and values of {@code key}, as protobuf text on one line.
   *
   * @param key raw
   * @throws RetryableException when TiKV or PD did not answer
   */
  String textOf(byte[] key) throws InterruptedException;
}
