package org.tidbbinlog.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 1, unit = TimeUnit.MINUTES)
class BackoffTest {
  private static final Duration FIRST = Duration.ofMillis(10);
  private static final Duration MAX = Duration.ofSeconds(2);

  @Test
  void delay_doublesUpToTheLargest_andStaysThere() {
    Backoff backoff = new Backoff(FIRST, MAX, 0);
    Random random = new Random(1);
    long expectedMs = 10;
    for (int attempt = 0; attempt < 200; attempt++) {
      assertThat(backoff.delay(attempt, random)).isEqualTo(Duration.ofMillis(expectedMs));
      expectedMs = Math.min(2 * expectedMs, 2_000);
    }
    assertThat(backoff.delay(Integer.MAX_VALUE, random)).isEqualTo(MAX);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 5, 7, 8, 100})
  void jitter_spreadsEachDelay_andStaysInItsBounds(int attempt) {
    Random random = new Random(20);
    long fullNs = new Backoff(FIRST, MAX, 0).delay(attempt, random).toNanos();
    Backoff backoff = new Backoff(FIRST, MAX, 0.3);
    Set<Duration> seen = new HashSet<>();
    long least = Long.MAX_VALUE;
    long most = 0;
    for (int i = 0; i < 1_000; i++) {
      Duration delay = backoff.delay(attempt, random);
      assertThat(delay.toNanos()).isBetween((long) (fullNs * 0.7), fullNs);
      seen.add(delay);
      least = Math.min(least, delay.toNanos());
      most = Math.max(most, delay.toNanos());
    }
    assertThat(seen).hasSizeGreaterThan(900);
    assertThat(least).as("the whole width is used").isLessThan((long) (fullNs * 0.72));
    assertThat(most).as("the whole width is used").isGreaterThan((long) (fullNs * 0.98));
  }

  @Test
  void peersWithSeedsOfTheirOwn_doNotComeBackTogether() {
    Backoff backoff = new Backoff(FIRST, MAX, 0.3);
    Random one = new Random(1);
    Random other = new Random(2);
    for (int attempt = 0; attempt < 20; attempt++) {
      assertThat(backoff.delay(attempt, one)).isNotEqualTo(backoff.delay(attempt, other));
    }
  }

  @Test
  void senselessDelays_areRefused() {
    assertThatThrownBy(() -> new Backoff(Duration.ZERO, MAX, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Backoff(MAX, FIRST, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Backoff(FIRST, MAX, 1.1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
