package org.tidbbinlog.pump.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tidbbinlog.base.Clock;

/** Background jobs that are badly timed, or throw. */
@Timeout(60)
final class LoopTest {
  private final AtomicInteger runs = new AtomicInteger();

  @Test
  void period_beyondNanoseconds_isJustLong() {
    Duration period = Duration.ofDays(365L * 1000);
    try (Loop loop = Loop.every("test", period, Clock.system(), runs::incrementAndGet)) {
      await().until(loop::tryWake);
      await().until(() -> runs.get() == 1);
      await().until(loop::tryWake);
      await().until(() -> runs.get() == 2);
    }
  }

  @Test
  void job_thatThrowsAnError_runsAgain() {
    try (Loop loop =
        Loop.every(
            "test",
            Duration.ofMillis(5),
            Clock.system(),
            () -> {
              runs.incrementAndGet();
              throw new OutOfMemoryError("test");
            })) {
      await().until(() -> runs.get() > 2);
      assertThat(loop.tryWake() || runs.get() > 2).isTrue();
    }
  }
}
