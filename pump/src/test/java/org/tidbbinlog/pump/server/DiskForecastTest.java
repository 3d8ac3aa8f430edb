package org.tidbbinlog.pump.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class DiskForecastTest {
  private final DiskForecast forecast = new DiskForecast(1_000);

  private void sample(long second, long written, long available) {
    forecast.sample(Duration.ofSeconds(second).toNanos(), written, available);
  }

  @Test
  void steadyWrites_fillWhatIsLeftAboveTheStop() {
    sample(0, 0, 101_000);
    assertThat(forecast.untilFull()).isEmpty();
    sample(10, 1_000, 51_000);
    assertThat(forecast.bytesPerSecond()).isEqualTo(100.0);
    assertThat(forecast.untilFull()).contains(Duration.ofSeconds(500));
  }

  @Test
  void silence_fillsNothing() {
    sample(0, 500, 51_000);
    sample(10, 500, 51_000);
    assertThat(forecast.untilFull()).isEmpty();
  }

  @Test
  void diskBelowTheStop_isFullNow() {
    sample(0, 0, 900);
    sample(10, 100, 800);
    assertThat(forecast.untilFull()).contains(Duration.ZERO);
  }

  @Test
  void rate_isThatOfTheLastTenMinutes() {
    for (int second = 0; second <= 3600; second += 10) {
      sample(second, second < 1800 ? second * 1_000_000L : 1_800_000_000L + second, 10_000_000);
    }
    assertThat(forecast.bytesPerSecond()).isBetween(0.9, 1.1);
  }
}
