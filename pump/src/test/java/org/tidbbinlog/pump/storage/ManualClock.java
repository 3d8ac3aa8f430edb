package org.tidbbinlog.pump.storage;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.tidbbinlog.base.Clock;

/** Time that stands still until it is moved. */
final class ManualClock implements Clock {
  private final AtomicLong nowNs = new AtomicLong(1_000_000_000L);

  void advance(Duration duration) {
    nowNs.addAndGet(duration.toNanos());
  }

  @Override
  public Instant now() {
    return Instant.ofEpochSecond(1_700_000_000L, nowNs.get());
  }

  @Override
  public long nanoTime() {
    return nowNs.get();
  }

  @Override
  public void sleep(Duration duration) {
    advance(duration);
  }
}
