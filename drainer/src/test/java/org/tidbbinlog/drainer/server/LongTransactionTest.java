package org.tidbbinlog.drainer.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.sink.Applying;

class LongTransactionTest {
  private static final Instant BEGAN = Instant.ofEpochSecond(1_700_000_000);

  private long nanos;
  private boolean held;
  private Optional<Applying> applying = Optional.of(new Applying(new Tso(5), 1, 9, 0));
  private final Clock clock =
      new Clock() {
        @Override
        public Instant now() {
          return BEGAN.plusNanos(nanos);
        }

        @Override
        public long nanoTime() {
          return nanos;
        }

        @Override
        public void sleep(Duration time) {
          nanos += time.toNanos();
        }
      };
  private final LongTransaction watch =
      new LongTransaction(() -> applying, () -> held, clock, failure -> {});

  @Test
  void transactionThatTakesLong_isShownAfterASecondAndToldEveryTen() {
    StringBuilder told = new StringBuilder();
    for (int second = 1; second <= 30; second++) {
      nanos += 1_000_000_000L;
      assertThat(watch.now().isPresent()).as("second %d", second).isEqualTo(second > 1);
      told.append(watch.look() ? second + " " : "");
    }
    assertThat(told).hasToString("10 20 30 ");
    assertThat(watch.now()).contains(new LongTransaction.Progress(new Tso(5), 1, 9, BEGAN));
    applying = Optional.of(new Applying(new Tso(6), 1, 9, nanos));
    nanos += 9_000_000_000L;
    assertThat(watch.look()).as("the next one has its own ten seconds").isFalse();
    applying = Optional.empty();
    assertThat(watch.now()).isEmpty();
  }

  @Test
  void transactionThatWaitsForSomebodysChoice_isNotTold() {
    nanos = 60_000_000_000L;
    held = true;
    assertThat(watch.look()).isFalse();
  }
}
