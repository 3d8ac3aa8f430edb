package org.tidbbinlog.sinks.mysql.apply;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;
import org.tidbbinlog.base.Backoff;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.sinks.mysql.target.TargetFault;

/**
 * Waits between tries of a passing fault, with a limit in all. It counts from the first fault: work
 * may take any time before that. It counts anew when the try that failed had itself run longer than
 * the limit, since the target was there for so long; but not when it ran until the target was full,
 * as the next one would. One piece of work; one thread.
 */
public final class Patience {
  private static final Backoff BACKOFF =
      new Backoff(Duration.ofMillis(10), Duration.ofSeconds(2), 0.3);

  private final Clock clock;
  private final RandomGenerator random;
  private final long limitNs;
  private OptionalLong tryBeganNs = OptionalLong.empty();
  private OptionalLong failingSinceNs = OptionalLong.empty();
  private int attempt;

  public Patience(Clock clock, RandomGenerator random, Duration limit) {
    this.clock = clock;
    this.random = random;
    this.limitNs = limit.toNanos();
  }

  /** The target is there, and is given the work. A try that does not come so far is not told. */
  public void tryBegins() {
    tryBeganNs = OptionalLong.of(clock.nanoTime());
  }

  /** The try failed: waits; false when the limit has passed. */
  public boolean waitOnce(TargetFault fault) throws InterruptedException {
    long now = clock.nanoTime();
    boolean longTry = hasPassed(tryBeganNs, now) && fault != TargetFault.FULL;
    if (failingSinceNs.isEmpty() || longTry) {
      failingSinceNs = OptionalLong.of(now);
    }
    tryBeganNs = OptionalLong.empty();
    if (hasPassed(failingSinceNs, now)) {
      return false;
    }
    clock.sleep(BACKOFF.delay(attempt++, random));
    return true;
  }

  private boolean hasPassed(OptionalLong sinceNs, long nowNs) {
    return sinceNs.isPresent() && nowNs - sinceNs.getAsLong() > limitNs;
  }

  /** How often it was waited, of all that went by. */
  int attempts() {
    return attempt;
  }
}
