package org.tidbbinlog.testkit.pd;

import java.time.Duration;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;

/**
 * Strictly increasing timestamps close to the given clock, shared by all members. While held, they
 * stay between two given timestamps instead and do not follow the clock; when there is no room left
 * between the two, the last one is answered again.
 */
final class TsoOracle {
  private static final long LOGICAL_LIMIT = 1L << Tso.LOGICAL_BITS;
  private static final long SUFFIX = 1;

  private final Clock clock;
  private long aheadMs;
  private Tso last = Tso.ZERO;
  private Tso ceiling = Tso.MAX;
  private int suffixBits;

  TsoOracle(Clock clock) {
    this.clock = clock;
  }

  /** Reserves {@code count} timestamps and answers the last of them. */
  synchronized Tso take(int count) {
    Tso answer = ceiling.equals(Tso.MAX) ? following(count) : new Tso(last.value() + count);
    if (answer.isBefore(ceiling)) {
      last = answer;
    }
    return last;
  }

  private Tso following(int count) {
    Tso floor = last.max(Tso.of(clock.now().toEpochMilli() + aheadMs, 0));
    long step = 1L << suffixBits;
    long logical = floor.logical();
    long physicalMs = floor.physicalMs();
    if (logical + (count + 1L) * step >= LOGICAL_LIMIT) {
      physicalMs++;
      logical = 0;
    }
    return Tso.of(physicalMs, logical / step * step + count * step + SUFFIX % step);
  }

  /** The low bits of the logical part that name the allocator; 0 = none. */
  synchronized void suffixBits(int bits) {
    suffixBits = bits;
  }

  synchronized int suffixBits() {
    return suffixBits;
  }

  synchronized void advance(Duration by) {
    aheadMs += by.toMillis();
  }

  /** From now on every timestamp is greater than {@code floor}. */
  synchronized void advancePast(Tso floor) {
    if (floor.physicalMs() >= last.physicalMs()) {
      last = Tso.of(floor.physicalMs() + 1, 0);
    }
  }

  /** From now on timestamps lie above {@code floor} and below {@code below}. */
  synchronized void hold(Tso floor, Tso below) {
    last = last.max(floor);
    ceiling = below;
  }

  /** Timestamps follow the clock again. */
  synchronized void release() {
    ceiling = Tso.MAX;
  }
}
