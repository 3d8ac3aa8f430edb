package org.tidbbinlog.cluster.net;

import java.time.Duration;
import java.util.random.RandomGenerator;
import org.tidbbinlog.base.Backoff;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.RetryableException;

/** The tries of one operation: pauses that grow, and a time after which it is given up. */
public final class Attempts {
  private static final long QUIET_NANOS = Duration.ofSeconds(10).toNanos();

  private final String what;
  private final Clock clock;
  private final Backoff backoff;
  private final RandomGenerator random;
  private long endNanos;
  private long quietUntilNanos;
  private int failed;

  /** How operations of one kind are retried. */
  public record Policy(Clock clock, Duration limit, Backoff backoff, RandomGenerator random) {
    public Attempts begin(String what) {
      return new Attempts(what, this);
    }

    public Policy withLimit(Duration other) {
      return new Policy(clock, other, backoff, random);
    }
  }

  private Attempts(String what, Policy policy) {
    this.what = what;
    this.clock = policy.clock();
    this.backoff = policy.backoff();
    this.random = policy.random();
    this.endNanos = clock.nanoTime() + policy.limit().toNanos();
  }

  /** Time until the limit, never negative. */
  public Duration left() {
    return Duration.ofNanos(Math.max(0, endNanos - clock.nanoTime()));
  }

  /** The limit, or {@code most} when that is less; at least a millisecond. */
  public Duration leftAtMost(Duration most) {
    Duration left = left();
    Duration least = left.compareTo(most) < 0 ? left : most;
    return least.toMillis() < 1 ? Duration.ofMillis(1) : least;
  }

  /** Whether a failure should be logged now: the first, then one every ten seconds. */
  public boolean worthTelling() {
    long now = clock.nanoTime();
    if (failed > 0 && now - quietUntilNanos < 0) {
      return false;
    }
    quietUntilNanos = now + QUIET_NANOS;
    return true;
  }

  /** Moves the limit to at least {@code more} from now. */
  public void allow(Duration more) {
    endNanos = Math.max(endNanos, clock.nanoTime() + more.toNanos());
  }

  /**
   * After a failed try: waits before the next one.
   *
   * @throws RetryableException when the limit passed
   */
  public void pause(Throwable cause) throws InterruptedException {
    pause(backoff.delay(failed, random), cause);
    failed++;
  }

  /** As {@link #pause(Throwable)}, waiting as long as the peer asked for. */
  public void pause(Duration delay, Throwable cause) throws InterruptedException {
    if (Thread.currentThread().isInterrupted()) {
      throw new InterruptedException(what);
    }
    Duration left = left();
    if (left.isZero()) {
      throw new RetryableException(
          what + " failed for too long, last error: " + cause.getMessage(), cause);
    }
    clock.sleep(delay.compareTo(left) < 0 ? delay : left);
  }
}
