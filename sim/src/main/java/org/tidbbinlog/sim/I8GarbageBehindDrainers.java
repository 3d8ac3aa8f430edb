package org.tidbbinlog.sim;

import java.util.Map;
import java.util.TreeMap;

/** I8: garbage collection never passes the checkpoint of the slowest Drainer not offline. */
final class I8GarbageBehindDrainers implements Checker {
  private final World world;
  private final Map<String, Long> collected = new TreeMap<>();

  /** How far a Pump might go when it was last seen up; what it decided then may show later. */
  private final Map<String, Long> allowed = new TreeMap<>();

  I8GarbageBehindDrainers(World world) {
    this.world = world;
  }

  @Override
  public void afterEvent() {
    long bound = bound();
    for (SimPump pump : world.pumps()) {
      if (pump.isUp()) {
        check(pump, bound);
        allowed.put(pump.id(), bound);
      }
    }
  }

  /** A collection that was saved in the moment its process ended is seen only now. */
  @Override
  public void opened(SimPump pump) {
    check(pump, allowed.getOrDefault(pump.id(), 0L));
  }

  /** The smallest checkpoint that counts. */
  private long bound() {
    return world.drainers().stream()
        .filter(SimDrainer::counts)
        .map(drainer -> drainer.checkpoints().savedTs())
        .min(Long::compareUnsigned)
        .orElse(-1L);
  }

  private void check(SimPump pump, long bound) {
    long gcTs = pump.engine().gcTs().value();
    if (gcTs == collected.getOrDefault(pump.id(), 0L)) {
      return;
    }
    collected.put(pump.id(), gcTs);
    if (Long.compareUnsigned(gcTs, bound) > 0) {
      throw new Violation(
          "I8", pump.id() + " collected up to " + gcTs + ", a drainer is at " + bound);
    }
  }
}
