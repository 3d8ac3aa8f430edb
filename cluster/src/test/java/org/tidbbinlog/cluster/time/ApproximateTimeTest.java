package org.tidbbinlog.cluster.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;

class ApproximateTimeTest {
  private long nanos = 77;

  private final Clock clock =
      new Clock() {
        @Override
        public Instant now() {
          return Instant.EPOCH;
        }

        @Override
        public long nanoTime() {
          return nanos;
        }

        @Override
        public void sleep(Duration duration) {
          nanos += duration.toNanos();
        }
      };

  @Test
  @DisplayName("registry fact 8: an approximated updateTS is the last one plus whole seconds")
  void now_isTheLastTimestampPlusWholeSeconds() throws InterruptedException {
    ApproximateTime time = new ApproximateTime(clock);
    assertThat(time.now()).isEqualTo(Tso.ZERO);
    clock.sleep(Duration.ofSeconds(5));
    assertThat(time.now()).as("0 stays 0").isEqualTo(Tso.ZERO);
    time.seen(Tso.of(1_000_000, 5));
    clock.sleep(Duration.ofMillis(999));
    assertThat(time.now()).isEqualTo(Tso.of(1_000_000, 5));
    clock.sleep(Duration.ofMillis(2_001));
    assertThat(time.now()).isEqualTo(Tso.of(1_003_000, 5));
    time.seen(Tso.of(1_009_000, 6));
    assertThat(time.now()).isEqualTo(Tso.of(1_009_000, 6));
  }
}
