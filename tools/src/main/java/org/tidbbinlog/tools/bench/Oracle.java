package org.tidbbinlog.tools.bench;

import java.util.concurrent.atomic.AtomicLong;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;

/**
 * Timestamps as PD would give them, from this machine's clock: a Pump does not ask where they come
 * from. Never twice the same, never smaller. Any thread.
 */
final class Oracle {
  private final Clock clock;
  private final AtomicLong last = new AtomicLong();

  Oracle(Clock clock) {
    this.clock = clock;
  }

  long next() {
    long now = clock.now().toEpochMilli() << Tso.LOGICAL_BITS;
    return last.updateAndGet(before -> Math.max(before + 1, now));
  }
}
