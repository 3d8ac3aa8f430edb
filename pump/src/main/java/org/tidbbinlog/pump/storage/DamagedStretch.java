package org.tidbbinlog.pump.storage;

import org.tidbbinlog.base.Tso;

/**
 * Bytes of the value log that are no records and were met while sorting.
 *
 * @param segment id of the file
 * @param offset where it begins
 * @param after a transaction that was lost there committed after this ...
 * @param upTo ... and at or before this, as far as the log behind it tells
 */
public record DamagedStretch(int segment, long offset, long bytes, Kind kind, Tso after, Tso upTo) {

  /** What was there. */
  public enum Kind {
    /** Records that were acknowledged: a gap for everybody who reads across. */
    LOST,
    /** As far as anybody knows, nothing that was ever acknowledged: a group torn by a crash. */
    TORN
  }

  /** Path below the data directory. */
  public String file() {
    return ValueSegment.fileName(segment);
  }

  long pointer() {
    return LogPointer.of(segment, offset);
  }

  /**
   * Whether somebody who has everything up to {@code position} may miss something at {@code ts}.
   */
  boolean isCrossed(long position, long ts) {
    return kind == Kind.LOST
        && Long.compareUnsigned(position, upTo.value()) < 0
        && Long.compareUnsigned(ts, after.value()) > 0;
  }

  DamagedStretch after(long ts) {
    return new DamagedStretch(segment, offset, bytes, kind, new Tso(ts), upTo);
  }

  DamagedStretch upTo(long ts) {
    return new DamagedStretch(segment, offset, bytes, kind, after, new Tso(ts));
  }
}
