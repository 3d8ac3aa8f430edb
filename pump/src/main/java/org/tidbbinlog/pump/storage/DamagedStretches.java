package org.tidbbinlog.pump.storage;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Tso;

/**
 * What sorting had to step over, and between which commit timestamps something may be missing for
 * it (I9). Told by the indexer, which owns it under its lock; {@link #crossed} and {@link #all} are
 * for everybody.
 *
 * <p>Why these two ends: what was lost committed after every timestamp that is in the log before
 * the damage, since a Prewrite is on disk before its transaction asks for one. A Commit lost with
 * its Prewrite has a smaller timestamp than any transaction that was prewritten behind the damage.
 * A Commit behind the damage whose Prewrite is not there names itself. One lost alone is asked for
 * in TiKV.
 */
final class DamagedStretches {
  private static final int FAKES_BEHIND = 2;
  private static final Logger LOG = LoggerFactory.getLogger(DamagedStretches.class);

  private final Acknowledged acknowledged;

  /** By pointer: stretches whose end is not known yet, and the heartbeats seen behind them. */
  private final Map<Long, Integer> open = new HashMap<>();

  private volatile List<DamagedStretch> all;
  private long newest;
  private boolean unsaved;

  /** Whether a record at a pointer was told to be durable. */
  interface Acknowledged {
    boolean at(long pointer);
  }

  /**
   * @param maxCommitTs unsigned; what committed at or below is in the order log
   */
  DamagedStretches(List<DamagedStretch> known, long maxCommitTs, Acknowledged acknowledged) {
    this.all = List.copyOf(known);
    this.newest = maxCommitTs;
    this.acknowledged = acknowledged;
  }

  List<DamagedStretch> all() {
    return all;
  }

  /** One that a reader who stands at {@code position} would pass on the way to {@code ts}. */
  Optional<DamagedStretch> crossed(long position, long ts) {
    for (DamagedStretch stretch : all) {
      if (stretch.isCrossed(position, ts)) {
        return Optional.of(stretch);
      }
    }
    return Optional.empty();
  }

  /** The sorter's next record is behind these bytes; they may have been met before. */
  void met(int segment, long offset, long bytes) {
    long pointer = LogPointer.of(segment, offset);
    Optional<DamagedStretch> known =
        all.stream().filter(stretch -> stretch.pointer() == pointer).findFirst();
    if (known.isPresent()) {
      meetAgain(known.get());
      return;
    }
    boolean lost = bytes > Frame.HEADER_BYTES && acknowledged.at(pointer);
    Tso after = new Tso(newest);
    DamagedStretch found =
        new DamagedStretch(
            segment,
            offset,
            bytes,
            lost ? DamagedStretch.Kind.LOST : DamagedStretch.Kind.TORN,
            after,
            after);
    List<DamagedStretch> longer = new ArrayList<>(all);
    longer.add(found);
    all = List.copyOf(longer);
    unsaved = true;
    if (lost) {
      open.put(pointer, 0);
    }
    LOG.atError()
        .addKeyValue("file", found.file())
        .addKeyValue("offset", offset)
        .addKeyValue("bytes", bytes)
        .addKeyValue("afterTs", after)
        .log(
            lost
                ? "acknowledged binlogs are damaged, readers that would pass them are refused"
                : "bytes that were never acknowledged skipped");
  }

  /** Sorted anew from further back, more may be missing than the order log had missed. */
  private void meetAgain(DamagedStretch known) {
    if (known.kind() == DamagedStretch.Kind.LOST) {
      open.put(known.pointer(), 0);
      if (Long.compareUnsigned(newest, known.after().value()) < 0) {
        replace(known, known.after(newest));
      }
    }
  }

  /** Whether {@link #ordered} wants to know where a Prewrite was. */
  boolean isEndWanted() {
    return !open.isEmpty();
  }

  /**
   * A record with a commit timestamp was sorted.
   *
   * @param prewrite pointer of the Prewrite that waited for it; zero when none did
   * @param orphan whether its transaction was never heard of
   */
  void ordered(BinlogFields record, long prewrite, boolean orphan) {
    long ts = record.commitTs();
    newest = Long.compareUnsigned(ts, newest) > 0 ? ts : newest;
    for (DamagedStretch stretch : all) {
      if (stretch.kind() != DamagedStretch.Kind.LOST) {
        continue;
      }
      boolean ending = open.containsKey(stretch.pointer());
      boolean missing =
          orphan && Long.compareUnsigned(record.startTs(), stretch.upTo().value()) < 0;
      if ((ending || missing) && Long.compareUnsigned(ts, stretch.upTo().value()) > 0) {
        replace(stretch, stretch.upTo(ts));
      }
      if (ending) {
        close(stretch.pointer(), record.isFake(), prewrite, ts);
      }
    }
  }

  private void close(long pointer, boolean fake, long prewrite, long ts) {
    int fakes = open.getOrDefault(pointer, 0) + (fake ? 1 : 0);
    if (prewrite > pointer || fakes >= FAKES_BEHIND) {
      open.remove(pointer);
      LOG.atError()
          .addKeyValue("file", ValueSegment.fileName(LogPointer.segment(pointer)))
          .addKeyValue("offset", LogPointer.offset(pointer))
          .addKeyValue("upToTs", Long.toUnsignedString(ts))
          .log("what the damaged stretch has lost committed before");
    } else {
      open.put(pointer, fakes);
    }
  }

  private void replace(DamagedStretch old, DamagedStretch with) {
    all = all.stream().map(each -> each.pointer() == old.pointer() ? with : each).toList();
    unsaved = true;
  }

  /** Garbage collection has gone past some: readers below it are refused without them. */
  void forget(long gcTs, int firstSegment) {
    List<DamagedStretch> left =
        all.stream().filter(each -> isStillOfUse(each, gcTs, firstSegment)).toList();
    if (left.size() < all.size()) {
      all = left;
      unsaved = true;
    }
  }

  private boolean isStillOfUse(DamagedStretch stretch, long gcTs, int firstSegment) {
    return open.containsKey(stretch.pointer())
        || stretch.segment() >= firstSegment
        || (stretch.kind() == DamagedStretch.Kind.LOST
            && Long.compareUnsigned(stretch.upTo().value(), gcTs) > 0);
  }

  boolean isUnsaved() {
    return unsaved;
  }

  /** {@link #all} is in the saved state. */
  void saved() {
    unsaved = false;
  }
}
