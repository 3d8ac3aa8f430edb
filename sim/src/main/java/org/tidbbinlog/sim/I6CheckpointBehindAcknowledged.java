package org.tidbbinlog.sim;

import java.util.Map;
import java.util.TreeMap;

/** I6: a checkpoint never passes the last contiguous acknowledgement, and never goes back. */
final class I6CheckpointBehindAcknowledged implements Checker {
  private final World world;
  private final Map<String, Long> saved = new TreeMap<>();

  I6CheckpointBehindAcknowledged(World world) {
    this.world = world;
  }

  @Override
  public void afterEvent() {
    for (SimDrainer drainer : world.drainers()) {
      long now = drainer.checkpoints().savedTs();
      long before = saved.getOrDefault(drainer.id(), 0L);
      if (Long.compareUnsigned(now, before) < 0) {
        throw new Violation("I6", drainer.id() + " saved " + now + " after " + before);
      }
      if (drainer.isUp() && Long.compareUnsigned(now, drainer.contiguous()) > 0) {
        throw new Violation(
            "I6", drainer.id() + " saved " + now + ", acknowledged is " + drainer.contiguous());
      }
      saved.put(drainer.id(), now);
    }
  }
}
