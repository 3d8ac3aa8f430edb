package org.tidbbinlog.pump.storage;

/**
 * Told of what histograms want to know; durations in nanoseconds. Called on the store's threads and
 * must be quick. Source: pump section 14.
 */
public interface StoreObserver {
  StoreObserver NONE = new StoreObserver() {};

  /** One group commit: one write ({@code to_disk}), one force ({@code fsync}, 0 when off). */
  default void groupWritten(int records, long bytes, long writeNs, long forceNs) {}

  /** The value log went on to its next file; the time holds back a group. */
  default void segmentRotated(long tookNs) {}

  /** A group the disk refused. */
  default void writeFailed(int records) {}

  /** TiKV was asked about one transaction. */
  default void transactionQueried() {}

  /** A file of the value log was deleted. */
  default void segmentCollected(long bytes) {}
}
