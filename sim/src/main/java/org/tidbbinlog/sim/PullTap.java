package org.tidbbinlog.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.pump.storage.GapPolicy;
import org.tidbbinlog.pump.storage.PullCursor;
import org.tidbbinlog.pump.storage.PullRecord;

/** One pull of a Pump, with all it gave out since the checkers last looked. */
final class PullTap {
  private final SimPump pump;
  private final GapPolicy policy;
  private final PullCursor cursor;
  private final List<PullRecord> fresh = new ArrayList<>();
  private long checkedTo;

  PullTap(SimPump pump, GapPolicy policy, long fromExclusive, PullCursor cursor) {
    this.pump = pump;
    this.policy = policy;
    this.cursor = cursor;
    this.checkedTo = fromExclusive;
  }

  Optional<PullRecord> tryNext() {
    Optional<PullRecord> next = cursor.tryNext();
    next.ifPresent(fresh::add);
    return next;
  }

  SimPump pump() {
    return pump;
  }

  GapPolicy policy() {
    return policy;
  }

  /** Where the reader stands: the timestamp of the last record, or where it began. */
  Tso position() {
    return cursor.position();
  }

  long skippedGaps() {
    return cursor.skippedGaps();
  }

  List<PullRecord> fresh() {
    return fresh;
  }

  /** The last timestamp before {@link #fresh}, unsigned. */
  long checkedTo() {
    return checkedTo;
  }

  /** The checkers have seen everything. */
  void checked() {
    if (!fresh.isEmpty()) {
      checkedTo = fresh.get(fresh.size() - 1).commitTs().value();
      fresh.clear();
    }
  }

  void close() {
    cursor.close();
  }
}
