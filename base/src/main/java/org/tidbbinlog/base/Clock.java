package org.tidbbinlog.base;

import java.time.Duration;
import java.time.Instant;

/** Wall clock, monotonic clock and sleep in one port, so that logic rooms never ask the system. */
public interface Clock {
  /** Wall-clock time; may jump. */
  Instant now();

  /** Monotonic nanoseconds with an arbitrary origin; only differences mean something. */
  long nanoTime();

  /** Blocks for {@code duration}; returns at once when it is zero or negative. */
  void sleep(Duration duration) throws InterruptedException;

  static Clock system() {
    return SystemClock.INSTANCE;
  }
}
