package org.tidbbinlog.sim;

import java.util.Map;
import java.util.TreeMap;

/**
 * I8: garbage collection never passes the checkpoint of the slowest Drainer not offline. What
 * counts is the moment before a collection is made durable: a Drainer that comes back after that
 * has come too late, and meets a gap (I9).
 */
final class I8GarbageBehindDrainers implements Checker {
  private final World world;
  private final Map<String, Long> collected = new TreeMap<>();

  /** How far a Pump might go when it last decided, by Pump, in this event. */
  private final Map<String, Long> decided = new TreeMap<>();

  /** The furthest it might go in this life: a save that failed may show at the next start. */
  private final Map<String, Long> furthest = new TreeMap<>();

  I8GarbageBehindDrainers(World world) {
    this.world = world;
  }

  /** Nothing of the collection is durable yet. */
  void decides(SimPump pump) {
    decided.merge(pump.id(), bound(), I8GarbageBehindDrainers::larger);
    furthest.merge(pump.id(), bound(), I8GarbageBehindDrainers::larger);
  }

  private static long larger(long one, long two) {
    return Long.compareUnsigned(one, two) > 0 ? one : two;
  }

  @Override
  public void afterEvent() {
    for (SimPump pump : world.pumps()) {
      if (pump.isUp()) {
        check(pump, decided.getOrDefault(pump.id(), 0L));
      }
    }
    decided.clear();
  }

  /** A collection that was saved in the moment its process ended is seen only now. */
  @Override
  public void opened(SimPump pump) {
    check(pump, furthest.getOrDefault(pump.id(), 0L));
    furthest.remove(pump.id());
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
