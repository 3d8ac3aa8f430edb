package org.tidbbinlog.pump.server;

import java.time.Duration;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.node.config.BadValueException;
import org.tidbbinlog.node.config.GoDuration;

/** The {@code gc} option: whole days, or a duration such as {@code 8h} or {@code 1h30m}. */
final class KeepTime {
  private KeepTime() {}

  static Duration parse(String text) {
    Duration keep =
        text.matches("[+-]?[0-9]{1,6}") ? Duration.ofDays(Long.parseLong(text)) : duration(text);
    if (keep.isNegative() || keep.isZero()) {
      throw new OperatorException("GC is " + text + ", must bigger than 0");
    }
    return keep;
  }

  private static Duration duration(String text) {
    try {
      return GoDuration.parse(text);
    } catch (BadValueException e) {
      throw new OperatorException(
          "parse GC time failed, err: unsupported gc time "
              + text
              + ", etc: use 7 for 7 day, 7h for 7 hour: "
              + e.getMessage());
    }
  }
}
