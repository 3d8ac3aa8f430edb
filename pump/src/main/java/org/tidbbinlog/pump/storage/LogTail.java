package org.tidbbinlog.pump.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Follows the value log from a pointer on, across segments, to its end and again when it has grown.
 * Owned by one thread.
 */
final class LogTail {
  private final ValueLog log;
  private final long trustFrom;
  private final OnSkip onSkip;
  private Optional<SegmentScan> scan = Optional.empty();
  private long position;
  private long record;
  private long skippedBefore;

  /** Hears of bytes that are no records, before {@link #next} moves to the record behind them. */
  interface OnSkip {
    OnSkip NOTHING = (segment, offset, bytes) -> {};

    void skipped(int segment, long offset, long bytes);
  }

  /**
   * @param trustFrom records from here on were written by this process and need no CRC
   */
  LogTail(ValueLog log, long from, long trustFrom, OnSkip onSkip) {
    this.log = log;
    this.onSkip = onSkip;
    this.position = from;
    this.trustFrom = trustFrom;
  }

  /** Moves to the next record; false at the end of the log for now. */
  boolean next() throws IOException {
    do {
      if (scan.isPresent()) {
        int segment = LogPointer.segment(position);
        boolean hit = next(segment, scan.get());
        if (hit) {
          record = LogPointer.of(segment, scan.get().offset());
          return true;
        }
      }
    } while (place());
    return false;
  }

  private boolean next(int segment, SegmentScan current) throws IOException {
    long from = current.position();
    long before = current.skippedBytes();
    boolean hit = current.next();
    position = LogPointer.of(segment, current.position());
    if (current.skippedBytes() > before) {
      onSkip.skipped(segment, from, current.skippedBytes() - before);
    }
    return hit;
  }

  /** Puts the scan on bytes not read yet; false when there are none. */
  private boolean place() {
    int id = LogPointer.segment(position);
    Optional<ValueSegment> found = log.segment(id);
    if (found.isPresent()) {
      ValueSegment segment = found.get();
      boolean finished = segment.isFinished();
      long end = segment.end();
      if (LogPointer.offset(position) < end) {
        scanOn(segment, end);
        return true;
      }
      if (!finished) {
        return false;
      }
    }
    Optional<ValueSegment> following = log.segmentFrom(id + 1);
    if (following.isPresent()) {
      position = LogPointer.of(following.get().id(), 0);
      scan.ifPresent(old -> skippedBefore += old.skippedBytes());
      scan = Optional.empty();
    }
    return following.isPresent();
  }

  private void scanOn(ValueSegment segment, long end) {
    SegmentScan.Check check =
        position < trustFrom ? SegmentScan.Check.CRC : SegmentScan.Check.FRAME;
    long from = LogPointer.offset(position);
    if (scan.isPresent()) {
      scan.get().moveTo(from, end, check);
    } else {
      scan = Optional.of(new SegmentScan(segment.id(), segment.file(), from, end, check));
    }
  }

  /** Starts again from a pointer. */
  void moveTo(long pointer) {
    position = pointer;
    scan.ifPresent(old -> skippedBefore += old.skippedBytes());
    scan = Optional.empty();
  }

  /** Pointer of the record {@link #next} moved to. */
  long record() {
    return record;
  }

  ByteBuffer payload() {
    return scan.map(SegmentScan::payload).orElseThrow();
  }

  /** Just after the last record read. */
  long position() {
    return position;
  }

  long skippedBytes() {
    return skippedBefore + scan.map(SegmentScan::skippedBytes).orElse(0L);
  }
}
