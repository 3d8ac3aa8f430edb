package org.tidbbinlog.pump.storage;

import java.io.IOException;

/**
 * Up to where transactions may be gone from a value log whose first segments are, when nobody says
 * it: an original Pump's directory, or a lost state. Reads the whole log once.
 *
 * <p>Whatever was in the missing segments was written before the first record that is left. A
 * transaction whose Prewrite is left committed after that, so everything below the smallest of
 * those commit timestamps may have had its records there; and a Commit without its Prewrite names a
 * transaction that had.
 */
final class CollectedBefore {
  private static final long NONE = -1; // Unsigned, the largest there is.

  private final BinlogFields fields = new BinlogFields();
  private final LongIntMap prewrites = new LongIntMap();
  private long firstTs;
  private long firstWhole = NONE;
  private long lastTorn;

  private CollectedBefore() {}

  /** What was committed at or below may be gone, unsigned. */
  static long find(ValueLog log, long first) throws IOException {
    CollectedBefore search = new CollectedBefore();
    LogTail tail = new LogTail(log, first, Long.MAX_VALUE, LogTail.OnSkip.NOTHING);
    while (tail.next()) {
      search.look(tail);
    }
    return search.mark();
  }

  private void look(LogTail tail) {
    try {
      fields.read(tail.payload());
    } catch (InvalidRecordException e) {
      return; // Sorting will name it.
    }
    firstTs = firstTs == 0 ? fields.ts() : firstTs;
    if (fields.isFake() || Long.compareUnsigned(fields.startTs(), firstWhole) >= 0) {
      return;
    }
    if (fields.isPrewrite()) {
      prewrites.put(fields.startTs(), 0);
    } else if (Sorter.isOrdered(fields)) {
      if (prewrites.contains(fields.startTs())) {
        firstWhole = smaller(firstWhole, fields.commitTs());
      } else {
        lastTorn = larger(lastTorn, fields.commitTs());
      }
    }
  }

  private long mark() {
    return larger(lastTorn, firstWhole == NONE ? firstTs : firstWhole - 1);
  }

  private static long larger(long one, long two) {
    return Long.compareUnsigned(one, two) >= 0 ? one : two;
  }

  private static long smaller(long one, long two) {
    return Long.compareUnsigned(one, two) <= 0 ? one : two;
  }
}
