package org.tidbbinlog.pump.storage;

import java.time.Duration;

/**
 * How a store behaves; {@link #defaults()} and the {@code with…} methods. Source: pump sections 2,
 * 5 and 7.
 *
 * @param syncLog whether each group is forced before it is acknowledged
 * @param segmentBytes a value-log segment is finished when it grew beyond
 * @param footerFromBytes a clean close writes a footer when the last segment is at least this large
 * @param queueBytes bound on heap bytes waiting for the writer; one larger record passes when alone
 * @param groupBytes a group is closed when it reaches this size
 * @param backlogEntries bound on sorted-but-waiting transactions kept in memory
 * @param danglingAfter how long a Prewrite at the head waits before TiKV is asked
 * @param resolverThreads how many transactions are asked for at once
 * @param checkpointBytes the sorter's state is saved after this much value log
 * @param slowWrite a group slower than this is logged
 */
public record StoreSettings(
    SyncLog syncLog,
    long segmentBytes,
    long footerFromBytes,
    long queueBytes,
    int groupBytes,
    int backlogEntries,
    int orderSegmentEntries,
    Duration danglingAfter,
    int resolverThreads,
    long checkpointBytes,
    Duration slowWrite) {

  /** The original's. */
  public static final int DEFAULT_BACKLOG = 1 << 20;

  /** An entry costs up to about 250 bytes, and arrays are copied to grow. */
  private static final int HEAP_BYTES_AN_ENTRY = 512;

  /** The backlog that a heap of this size can hold, at most {@code wanted}. */
  public static int backlogFor(long wanted, long heapBytes) {
    return (int) Math.max(1, Math.min(wanted, heapBytes / HEAP_BYTES_AN_ENTRY));
  }

  /** Whether an acknowledgement waits for {@code fdatasync}. */
  public enum SyncLog {
    ON,
    OFF
  }

  public static StoreSettings defaults() {
    return new StoreSettings(
        SyncLog.ON,
        500L << 20,
        51_200,
        64L << 20,
        4 << 20,
        DEFAULT_BACKLOG,
        1 << 20,
        Duration.ofSeconds(1),
        8,
        64L << 20,
        Duration.ofSeconds(1));
  }
}
