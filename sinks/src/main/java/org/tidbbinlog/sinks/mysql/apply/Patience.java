package org.tidbbinlog.sinks.mysql.apply;

import java.time.Duration;
import java.util.random.RandomGenerator;
import org.tidbbinlog.base.Backoff;
import org.tidbbinlog.base.Clock;

/** Waits between tries of a passing fault, with a limit in all. One use a fault; one thread. */
public final class Patience {
  private static final Backoff BACKOFF =
      new Backoff(Duration.ofMillis(10), Duration.ofSeconds(2), 0.3);

  private final Clock clock;
  private final RandomGenerator random;
  private final long deadlineNs;
  private int attempt;

  public Patience(Clock clock, RandomGenerator random, Duration limit) {
    this.clock = clock;
    this.random = random;
    this.deadlineNs = clock.nanoTime() + limit.toNanos();
  }

  /** Waits; false when the limit has passed. */
  public boolean waitOnce() throws InterruptedException {
    if (clock.nanoTime() - deadlineNs > 0) {
      return false;
    }
    clock.sleep(BACKOFF.delay(attempt++, random));
    return true;
  }

  int attempts() {
    return attempt;
  }
}
