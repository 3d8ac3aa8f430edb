package org.tidbbinlog.cluster.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.tidbbinlog.base.Backoff;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.RetryableException;

class AttemptsTest {
  private static final Duration LIMIT = Duration.ofSeconds(65);

  /** Time that passes only in sleep. */
  private static final class SleepClock implements Clock {
    private Duration passed = Duration.ZERO;

    @Override
    public Instant now() {
      return Instant.EPOCH.plus(passed);
    }

    @Override
    public long nanoTime() {
      return Long.MAX_VALUE - 7 + passed.toNanos();
    }

    @Override
    public void sleep(Duration duration) {
      passed = passed.plus(duration);
    }
  }

  private static Attempts attempts(SleepClock clock) {
    Backoff backoff = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(1), 0);
    return new Attempts.Policy(clock, LIMIT, backoff, new Random(1)).begin("asking");
  }

  @Test
  void repeatedFailure_isTold_firstAndThenEveryTenSeconds() {
    SleepClock clock = new SleepClock();
    Attempts attempts = attempts(clock);
    int[] told = {0};

    assertThatThrownBy(
            () -> {
              while (true) {
                if (attempts.worthTelling()) {
                  told[0]++;
                }
                attempts.pause(new RetryableException("refused"));
              }
            })
        .isInstanceOf(RetryableException.class)
        .hasMessage("asking failed for too long, last error: refused");

    assertThat(clock.passed).isEqualTo(LIMIT);
    assertThat(told[0]).isEqualTo(7);
  }
}
