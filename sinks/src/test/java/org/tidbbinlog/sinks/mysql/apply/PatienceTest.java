package org.tidbbinlog.sinks.mysql.apply;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.tidbbinlog.base.Clock;

class PatienceTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  /** Time that passes only in sleep. */
  private static final class SleepClock implements Clock {
    private final List<Duration> slept = new ArrayList<>();
    private Duration passed = Duration.ZERO;

    @Override
    public Instant now() {
      return Instant.EPOCH.plus(passed);
    }

    @Override
    public long nanoTime() {
      return passed.toNanos();
    }

    @Override
    public void sleep(Duration duration) {
      slept.add(duration);
      passed = passed.plus(duration);
    }
  }

  private static List<Duration> waits(int seed) throws InterruptedException {
    SleepClock clock = new SleepClock();
    Patience patience = new Patience(clock, new Random(seed), LIMIT);
    while (patience.waitOnce()) {
      assertThat(patience.attempts()).isEqualTo(clock.slept.size());
    }
    assertThat(clock.passed).isBetween(LIMIT, LIMIT.plusSeconds(2));
    return clock.slept;
  }

  @Test
  void waits_growTwofoldWithinTheirJitter_andEndAtTheLimit() throws Exception {
    List<Duration> waits = waits(1);
    for (int i = 0; i < waits.size(); i++) {
      double fullMs = Math.min(2_000, 10 * Math.pow(2, i));
      assertThat(waits.get(i).toNanos() / 1e6).isBetween(fullMs * 0.7, fullMs);
    }
    assertThat(waits).hasSizeGreaterThan(20).doesNotHaveDuplicates();
  }

  @Test
  void twoWorkers_doNotWaitTheSame() throws Exception {
    assertThat(waits(1)).doesNotContainAnyElementsOf(waits(2));
  }
}
