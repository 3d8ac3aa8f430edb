package org.tidbbinlog.sim;

import java.util.Map;
import java.util.TreeMap;

/** I8: garbage collection never passes the checkpoint of the slowest Drainer not offline. */
final class I8GarbageBehindDrainers implements Checker {
  private final World world;
  private final Map<String, Long> collected = new TreeMap<>();

  I8GarbageBehindDrainers(World world) {
    this.world = world;
  }

  @Override
  public void afterEvent() {
    for (SimPump pump : world.pumps()) {
      if (pump.isUp()) {
        check(pump);
      }
    }
  }

  private void check(SimPump pump) {
    long gcTs = pump.engine().gcTs().value();
    if (gcTs == collected.getOrDefault(pump.id(), 0L)) {
      return;
    }
    collected.put(pump.id(), gcTs);
    for (SimDrainer drainer : world.drainers()) {
      if (drainer.counts() && Long.compareUnsigned(gcTs, drainer.checkpoints().savedTs()) > 0) {
        throw new Violation(
            "I8",
            pump.id()
                + " collected up to "
                + gcTs
                + ", "
                + drainer.id()
                + " is at "
                + drainer.checkpoints().savedTs());
      }
    }
  }
}
