package org.tidbbinlog.sim;

/**
 * I4: the merger emits nothing above the smallest watermark of its Pumps, so nothing that is
 * committed anywhere is ever passed.
 */
final class I4BelowWatermarks implements Checker {
  private final World world;

  I4BelowWatermarks(World world) {
    this.world = world;
  }

  @Override
  public void afterEvent() {
    for (SimDrainer drainer : world.drainers()) {
      if (drainer.isUp()) {
        check(drainer);
      }
    }
  }

  private void check(SimDrainer drainer) {
    long last = drainer.checkedTo();
    for (MergedItem item : drainer.fresh()) {
      long ts = item.commitTs().value();
      if (Long.compareUnsigned(ts, last) <= 0) {
        throw new Violation("I4", drainer.id() + " merged " + ts + " after " + last);
      }
      last = ts;
      for (PullLink link : drainer.links()) {
        if (Long.compareUnsigned(ts, link.watermark()) > 0) {
          throw new Violation(
              "I4",
              drainer.id()
                  + " merged "
                  + ts
                  + ", but "
                  + link.pump().id()
                  + " has only sent up to "
                  + link.watermark());
        }
      }
      drainer.awaited().remove(ts);
    }
    drainer.checked();
    if (drainer.links().size() != world.pumps().size()) {
      throw new Violation("I4", drainer.id() + " does not merge all Pumps");
    }
    long output = drainer.lastOutput().value();
    if (!drainer.awaited().isEmpty() && drainer.awaited().first() <= output) {
      throw new Violation(
          "I4",
          drainer.id()
              + " has merged up to "
              + output
              + " without the transaction committed at "
              + drainer.awaited().first());
    }
  }

  @Override
  public void committed(Transaction transaction) {
    for (SimDrainer drainer : world.drainers()) {
      if (drainer.isUp() && transaction.commitTs() > drainer.began()) {
        drainer.awaited().add(transaction.commitTs());
      }
    }
  }
}
