package org.tidbbinlog.pump.storage;

/**
 * Start timestamps of transactions that are decided, so that a Prewrite or Commit that comes again
 * is known: all that are complete but not yet given out, and the last {@value #REMEMBERED} others.
 * One that was forgotten is settled again through TiKV, and then found to be delivered.
 */
final class SettledStarts {
  static final int REMEMBERED = 1 << 16;

  private final LongIntMap starts = new LongIntMap();
  private final long[] ring = new long[REMEMBERED];
  private int next;
  private int filled;

  boolean contains(long startTs) {
    return starts.contains(startTs);
  }

  /** Remembers until {@link #release}. */
  void hold(long startTs) {
    starts.put(startTs, 1);
  }

  void release(long startTs) {
    add(startTs);
  }

  void add(long startTs) {
    if (filled == REMEMBERED) {
      starts.remove(ring[next]);
    } else {
      filled++;
    }
    starts.put(startTs, 1);
    ring[next] = startTs;
    next = (next + 1) & (REMEMBERED - 1);
  }
}
