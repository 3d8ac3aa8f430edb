package org.tidbbinlog.sim;

import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/** All chance of one run, drawn from its seed. The same on every JDK. */
final class Chance {
  private final SplittableRandom random;

  Chance(long seed) {
    random = new SplittableRandom(seed);
  }

  /** A number of 0 to {@code bound} - 1. */
  int below(int bound) {
    return random.nextInt(bound);
  }

  /** Both ends may come. */
  int between(int low, int high) {
    return random.nextInt(low, high + 1);
  }

  boolean percent(int percent) {
    return random.nextInt(100) < percent;
  }

  boolean oneIn(int count) {
    return random.nextInt(count) == 0;
  }

  <T> T pick(List<T> from) {
    return from.get(random.nextInt(from.size()));
  }

  byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }

  /** Nanoseconds of a whole number of microseconds between two numbers of milliseconds. */
  long millis(int low, int high) {
    return TimeUnit.MICROSECONDS.toNanos(random.nextLong(low * 1000L, high * 1000L + 1));
  }
}
