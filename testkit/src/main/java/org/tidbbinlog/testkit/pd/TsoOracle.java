package org.tidbbinlog.testkit.pd;

import java.time.Duration;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;

/** Strictly increasing timestamps close to the given clock, shared by all members. */
final class TsoOracle {
  private static final long LOGICAL_LIMIT = 1L << Tso.LOGICAL_BITS;
  private static final long SUFFIX = 1;

  private final Clock clock;
  private long aheadMs;
  private long physicalMs;
  private long logical;
  private int suffixBits;

  TsoOracle(Clock clock) {
    this.clock = clock;
  }

  /** Reserves {@code count} timestamps and answers the last of them. */
  synchronized Tso take(int count) {
    long now = clock.now().toEpochMilli() + aheadMs;
    if (now > physicalMs) {
      physicalMs = now;
      logical = 0;
    }
    long step = 1L << suffixBits;
    if (logical + (count + 1L) * step >= LOGICAL_LIMIT) {
      physicalMs++;
      logical = 0;
    }
    logical = logical / step * step + count * step + SUFFIX % step;
    return Tso.of(physicalMs, logical);
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
    if (floor.physicalMs() >= physicalMs) {
      physicalMs = floor.physicalMs() + 1;
      logical = 0;
    }
  }
}
