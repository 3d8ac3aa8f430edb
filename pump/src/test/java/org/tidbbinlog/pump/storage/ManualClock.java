package org.tidbbinlog.pump.storage;

import java.time.Duration;
import java.time.Instant;
import org.tidbbinlog.base.Clock;

/** Time that stands still until it is moved. */
final class ManualClock implements Clock {
  private volatile long nowNs = 1_000_000_000L;

  void advance(Duration duration) {
    nowNs = nowNs + duration.toNanos();
  }

  @Override
  public Instant now() {
    return Instant.ofEpochSecond(1_700_000_000L, nowNs);
  }

  @Override
  public long nanoTime() {
    return nowNs;
  }

  @Override
  public void sleep(Duration duration) {
    advance(duration);
  }
}
