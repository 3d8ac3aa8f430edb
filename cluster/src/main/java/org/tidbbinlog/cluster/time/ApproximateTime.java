package org.tidbbinlog.cluster.time;

import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;

/**
 * The last known timestamp plus the whole seconds that passed here since then: good enough for
 * {@code updateTS}. Stays 0 until a timestamp was seen. Source: registry section 4.
 */
public final class ApproximateTime {
  private final Clock clock;
  private Tso last = Tso.ZERO;
  private long seenNanos;

  public ApproximateTime(Clock clock) {
    this.clock = clock;
  }

  /** A timestamp just came from PD. */
  public synchronized void seen(Tso fresh) {
    last = fresh;
    seenNanos = clock.nanoTime();
  }

  public synchronized Tso now() {
    if (last.isZero()) {
      return last;
    }
    long seconds = (clock.nanoTime() - seenNanos) / 1_000_000_000L;
    return new Tso(last.value() + ((seconds * 1000) << Tso.LOGICAL_BITS));
  }
}
