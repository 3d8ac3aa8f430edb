package org.tidbbinlog.pump.storage;

/**
 * A Prewrite may be much older than its Commit. Its segment must outlive the time when the
 * transaction may still be pulled, so each segment remembers the largest commit timestamp that
 * needs it.
 */
final class NeededUntil {
  private NeededUntil() {}

  static void note(ValueLog values, OrderEntry entry) {
    values
        .segment(LogPointer.segment(entry.prewritePointer()))
        .ifPresent(segment -> segment.need(entry.commitTs()));
  }
}
