package org.tidbbinlog.sinks.mysql.apply;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.sinks.mysql.target.TargetFault;

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
    while (patience.waitOnce(TargetFault.CONNECTION)) {
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
  void limit_countsFromTheFirstFault_andAnewWhenATryRanLonger() throws Exception {
    SleepClock clock = new SleepClock();
    Patience patience = new Patience(clock, new Random(1), LIMIT);
    for (int longTry = 0; longTry < 3; longTry++) {
      patience.tryBegins();
      clock.sleep(LIMIT.plusSeconds(1));
      assertThat(patience.waitOnce(TargetFault.CONNECTION)).isTrue();
    }
    patience.tryBegins();
    clock.sleep(LIMIT.dividedBy(2));
    assertThat(patience.waitOnce(TargetFault.CONNECTION))
        .as("no longer than the limit, and within it")
        .isTrue();
    patience.tryBegins();
    clock.sleep(LIMIT.dividedBy(2));
    assertThat(patience.waitOnce(TargetFault.CONNECTION)).as("the two together").isFalse();
  }

  @Test
  void targetThatStaysAway_isNotWaitedForLonger_thoughToFindItAwayTakesLong() throws Exception {
    SleepClock clock = new SleepClock();
    Patience patience = new Patience(clock, new Random(1), LIMIT);
    patience.tryBegins();
    clock.sleep(LIMIT.plusSeconds(1));
    assertThat(patience.waitOnce(TargetFault.CONNECTION)).isTrue();
    clock.sleep(LIMIT.plusSeconds(1));
    assertThat(patience.waitOnce(TargetFault.CONNECTION)).isFalse();
  }

  @Test
  void targetThatIsFull_isNotWaitedForLonger_thoughTheTriesAreLong() throws Exception {
    SleepClock clock = new SleepClock();
    Patience patience = new Patience(clock, new Random(1), LIMIT);
    for (boolean first : List.of(true, false)) {
      patience.tryBegins();
      clock.sleep(LIMIT.plusSeconds(1));
      assertThat(patience.waitOnce(TargetFault.FULL)).isEqualTo(first);
    }
  }

  @Test
  void twoWorkers_doNotWaitTheSame() throws Exception {
    assertThat(waits(1)).doesNotContainAnyElementsOf(waits(2));
  }
}
