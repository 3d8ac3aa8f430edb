package org.tidbbinlog.sinks.mysql.rows;

import org.tidbbinlog.codec.value.ColumnValue;

/** Calendar times and durations as quoted literals. Source: row-format sections 2.5 and 7. */
final class TimeText {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private TimeText() {}

  static void append(StringBuilder out, ColumnValue.DateTime time) {
    long packed = time.packed();
    int yearMonth = (int) (packed >>> 46);
    out.append('\'');
    digits(out, yearMonth / 13, 4);
    out.append('-');
    digits(out, yearMonth % 13, 2);
    out.append('-');
    digits(out, (int) ((packed >>> 41) & 31), 2);
    if (time.type() != ColumnValue.DateTimeType.DATE) {
      out.append(' ');
      clock(out, (packed >>> 36) & 31, (int) ((packed >>> 30) & 63), (int) ((packed >>> 24) & 63));
      fraction(out, (int) (packed & 0xFFFFFF), time.fsp());
    }
    out.append('\'');
  }

  static void append(StringBuilder out, ColumnValue.Duration duration) {
    long nanos = Math.abs(duration.nanos());
    long seconds = nanos / NANOS_PER_SECOND;
    out.append('\'');
    if (duration.nanos() < 0) {
      out.append('-');
    }
    clock(out, seconds / 3600, (int) (seconds / 60 % 60), (int) (seconds % 60));
    fraction(out, (int) (nanos % NANOS_PER_SECOND / 1000), duration.fsp());
    out.append('\'');
  }

  private static void clock(StringBuilder out, long hours, int minutes, int seconds) {
    if (hours < 10) {
      out.append('0');
    }
    out.append(hours).append(':');
    digits(out, minutes, 2);
    out.append(':');
    digits(out, seconds, 2);
  }

  private static void fraction(StringBuilder out, int micros, int digitCount) {
    if (digitCount <= 0) {
      return;
    }
    out.append('.');
    int divisor = 100_000;
    int rest = micros;
    for (int i = 0; i < Math.min(digitCount, 6); i++) {
      out.append((char) ('0' + rest / divisor));
      rest %= divisor;
      divisor /= 10;
    }
  }

  private static void digits(StringBuilder out, int number, int width) {
    int limit = 10;
    for (int i = 1; i < width; i++) {
      if (number < limit) {
        for (int zeros = i; zeros < width; zeros++) {
          out.append('0');
        }
        break;
      }
      limit *= 10;
    }
    out.append(number);
  }
}
