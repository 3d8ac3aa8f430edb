package org.tidbbinlog.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class GoDurationTest {
  @Test
  void parse_andShow_asGo() {
    check("1h15m30.918s", Duration.ofMillis(4_530_918), "1h15m30.918s");
    check("90m", Duration.ofMinutes(90), "1h30m0s");
    check("300ms", Duration.ofMillis(300), "300ms");
    check("1.5s", Duration.ofMillis(1500), "1.5s");
    check("-2m", Duration.ofMinutes(-2), "-2m0s");
    check("0", Duration.ZERO, "0s");
    check("+5us", Duration.ofNanos(5000), "5µs");
    check("7ns", Duration.ofNanos(7), "7ns");
    check("1µs", Duration.ofNanos(1000), "1µs");
    check(".5h", Duration.ofMinutes(30), "30m0s");
  }

  @Test
  void parse_wrong_isToldInGosWords() {
    assertThatThrownBy(() -> GoDuration.parse("7"))
        .hasMessage("time: missing unit in duration \"7\"");
    for (String bad : new String[] {"", "x", "1d", "1h x", "9999999999h", "-"}) {
      assertThatThrownBy(() -> GoDuration.parse(bad)).as(bad).isInstanceOf(BadValueException.class);
    }
  }

  private static void check(String text, Duration duration, String shown) {
    assertThat(GoDuration.parse(text)).as(text).isEqualTo(duration);
    assertThat(GoDuration.show(duration)).as(text).isEqualTo(shown);
  }
}
