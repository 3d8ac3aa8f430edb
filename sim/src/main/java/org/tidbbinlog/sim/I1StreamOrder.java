package org.tidbbinlog.sim;

import org.tidbbinlog.pump.storage.PullRecord;

/** I1: a pull stream emits strictly increasing commit timestamps. */
final class I1StreamOrder implements Checker {
  private final World world;

  I1StreamOrder(World world) {
    this.world = world;
  }

  @Override
  public void afterEvent() {
    for (SimPump pump : world.pumps()) {
      for (PullTap tap : pump.taps()) {
        long last = tap.checkedTo();
        for (PullRecord record : tap.fresh()) {
          long ts = record.commitTs().value();
          if (Long.compareUnsigned(ts, last) <= 0) {
            throw new Violation("I1", pump.id() + " gave out " + ts + " after " + last);
          }
          last = ts;
        }
      }
    }
  }
}
