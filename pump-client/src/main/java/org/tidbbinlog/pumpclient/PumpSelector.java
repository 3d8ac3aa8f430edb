package org.tidbbinlog.pumpclient;

import java.util.List;
import java.util.random.RandomGenerator;
import org.tidbbinlog.base.Tso;

/** Chooses among the available Pumps; made anew whenever their set changes. */
interface PumpSelector {
  /**
   * @param attempt 0 for the first try of a record
   */
  Pump select(Tso startTs, int attempt);

  /** {@code available} is not empty. */
  static PumpSelector of(PumpStrategy strategy, List<Pump> available, RandomGenerator random) {
    return switch (strategy) {
      case RANGE -> new RoundRobin(available);
      case HASH -> new ByStartTs(available);
      case SCORE -> new FasterOfTwo(available, random);
    };
  }

  /** Starts with the first Pump. Called under the set's lock. */
  final class RoundRobin implements PumpSelector {
    private final List<Pump> available;
    private int next;

    RoundRobin(List<Pump> available) {
      this.available = available;
    }

    @Override
    public Pump select(Tso startTs, int attempt) {
      Pump chosen = available.get(next);
      next = (next + 1) % available.size();
      return chosen;
    }
  }

  /** The same Pump for the same start timestamp and try. */
  record ByStartTs(List<Pump> available) implements PumpSelector {
    @Override
    public Pump select(Tso startTs, int attempt) {
      return available.get(
          (int) Long.remainderUnsigned(startTs.value() + attempt, available.size()));
    }
  }

  /** Two at random, then the one with the better score: no herd runs to a single best one. */
  record FasterOfTwo(List<Pump> available, RandomGenerator random) implements PumpSelector {
    @Override
    public Pump select(Tso startTs, int attempt) {
      int first = random.nextInt(available.size());
      if (available.size() == 1) {
        return available.get(0);
      }
      int second = (first + 1 + random.nextInt(available.size() - 1)) % available.size();
      Pump a = available.get(first);
      Pump b = available.get(second);
      return a.score() <= b.score() ? a : b;
    }
  }
}
