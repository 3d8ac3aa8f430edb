package org.tidbbinlog.pump.storage;

import org.tidbbinlog.base.Tso;

/**
 * One file of the value log.
 *
 * @param bytes of records
 * @param maxTs largest timestamp of a record
 * @param neededUntil largest commit timestamp of a transaction that needs it
 */
public record SegmentInfo(
    int id, String file, long bytes, Tso maxTs, Tso neededUntil, boolean finished) {

  static SegmentInfo of(ValueSegment segment) {
    return new SegmentInfo(
        segment.id(),
        segment.name(),
        segment.end(),
        new Tso(segment.maxTs()),
        new Tso(segment.neededUntil()),
        segment.isFinished());
  }

  /** The mark of garbage collection from which on the file may go. */
  public Tso goesAt() {
    return oldAt().max(neededUntil);
  }

  /** The mark from which on its records are old enough, whatever transaction still needs them. */
  public Tso oldAt() {
    return Tso.of(maxTs.physicalMs() + GarbageCollector.SLACK_MS + 1, 0);
  }
}
