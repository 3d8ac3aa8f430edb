package org.tidbbinlog.pump.storage;

import java.util.List;
import java.util.Optional;

/**
 * What a store remembers beside its value log, so that opening costs as much as the unfinished
 * tail. All of it can be found again from the value log, except {@code gcTs}.
 *
 * @param gcTs unsigned
 * @param maxCommitTs unsigned; everything at or below was in the order log when this was saved
 * @param replayFrom pointer the sorter starts again from: no transaction that was not yet in the
 *     order log has its Prewrite before it
 * @param verifiedTo pointer up to which the value log was checked and forced
 * @param verifiedMaxTs {@link ValueSegment#maxTs} of the segment of {@code verifiedTo}, up to there
 * @param orderId which order log this belongs to
 * @param orderFirst index of its first entry that was not trimmed
 * @param orderEnd entries of it that were forced
 * @param ownFrom pointer from which on the value log was written by who also wrote this: before it
 *     an original Pump may have left a torn group in the middle; negative when nobody said
 * @param damages what sorting stepped over
 */
record StoreState(
    long gcTs,
    long maxCommitTs,
    long replayFrom,
    long verifiedTo,
    long verifiedMaxTs,
    long orderId,
    long orderFirst,
    long orderEnd,
    long ownFrom,
    List<DamagedStretch> damages,
    List<Segment> segments) {

  static final StoreState NONE = new StoreState(0, 0, 0, 0, 0, 0, 0, 0, -1, List.of(), List.of());

  StoreState {
    segments = List.copyOf(segments);
    damages = List.copyOf(damages);
  }

  /**
   * One value-log segment.
   *
   * @param neededUntil largest commit timestamp of a transaction whose Prewrite is in it
   */
  record Segment(int id, int fingerprint, long neededUntil) {}

  /** What recovery found out about the log's damages. */
  StoreState with(long newOwnFrom, List<DamagedStretch> newDamages) {
    return new StoreState(
        gcTs,
        maxCommitTs,
        replayFrom,
        verifiedTo,
        verifiedMaxTs,
        orderId,
        orderFirst,
        orderEnd,
        newOwnFrom,
        newDamages,
        segments);
  }

  Optional<Segment> segment(int id) {
    return segments.stream().filter(each -> each.id() == id).findFirst();
  }
}
