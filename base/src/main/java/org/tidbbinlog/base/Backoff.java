package org.tidbbinlog.base;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Delays between tries: {@code first}, doubled each time up to {@code max}, each spread by up to
 * {@code jitter} (0..1) of itself so that peers that failed together do not come back together.
 */
public record Backoff(Duration first, Duration max, double jitter) {
  public Backoff {
    if (first.isNegative()
        || first.isZero()
        || max.compareTo(first) < 0
        || jitter < 0
        || jitter > 1) {
      throw new IllegalArgumentException(
          "backoff first=" + first + " max=" + max + " jitter=" + jitter);
    }
  }

  /** The delay before try {@code attempt + 1}; the first failed try has attempt 0. */
  public Duration delay(int attempt, RandomGenerator random) {
    long firstNs = first.toNanos();
    int shift = Math.min(attempt, Long.numberOfLeadingZeros(firstNs) - 1);
    long fullNs = Math.min(firstNs << shift, max.toNanos());
    return Duration.ofNanos(fullNs - (long) (fullNs * jitter * random.nextDouble()));
  }
}
