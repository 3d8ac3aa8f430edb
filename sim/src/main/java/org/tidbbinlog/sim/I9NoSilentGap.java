package org.tidbbinlog.sim;

import java.util.NavigableMap;
import org.tidbbinlog.pump.storage.GapPolicy;
import org.tidbbinlog.pump.storage.PullGapException;
import org.tidbbinlog.pump.storage.PullRecord;

/** I9: no strict reader is served past data that is gone; the error names both ends. */
final class I9NoSilentGap implements Checker {
  private final World world;

  I9NoSilentGap(World world) {
    this.world = world;
  }

  @Override
  public void afterEvent() {
    for (SimPump pump : world.pumps()) {
      for (PullTap tap : pump.taps()) {
        if (tap.policy() == GapPolicy.REFUSE) {
          check(tap);
        }
      }
    }
  }

  private void check(PullTap tap) {
    long last = tap.checkedTo();
    for (PullRecord record : tap.fresh()) {
      long ts = record.commitTs().value();
      NavigableMap<Long, Transaction> passed =
          tap.pump().expected().subMap(last, false, Math.max(last, ts), false);
      if (!passed.isEmpty()) {
        throw new Violation(
            "I9",
            tap.pump().id()
                + " gave out "
                + ts
                + " after "
                + last
                + ", without "
                + passed.firstKey());
      }
      last = ts;
    }
  }

  /** A reader at {@code position} was refused. */
  void refused(SimPump pump, long position, PullGapException gap) {
    long gcTs = pump.engine().gcTs().value();
    boolean right =
        gap.fromExclusive().value() == position
            && gap.gcTs().value() == gcTs
            && Long.compareUnsigned(position, gcTs) < 0;
    if (!right) {
      throw new Violation(
          "I9",
          pump.id() + " refuses a reader at " + position + " with gc ts " + gcTs + ": " + gap);
    }
  }
}
