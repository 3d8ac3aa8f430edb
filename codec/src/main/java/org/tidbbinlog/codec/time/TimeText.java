package org.tidbbinlog.codec.time;

/** Times as text. Source: row-format sections 3 and 7. */
public final class TimeText {
  private static final int[] POWER_OF_TEN = {1, 10, 100, 1_000, 10_000, 100_000, 1_000_000};
  private static final int MICRO_DIGITS = 6;

  private TimeText() {}

  /** {@code YYYY-MM-DD}. */
  public static String ofDate(long packed) {
    StringBuilder text = new StringBuilder(10);
    appendDate(text, packed);
    return text.toString();
  }

  /** {@code YYYY-MM-DD HH:MM:SS[.f]}; the fraction is cut to {@code fsp} digits. */
  public static String ofDateTime(long packed, int fsp) {
    StringBuilder text = new StringBuilder(26);
    appendDateTime(text, packed, fsp);
    return text.toString();
  }

  /** {@code [-]HH:MM:SS[.f]} of nanoseconds; hours have at least two digits. */
  public static String ofDuration(long nanos, int fsp) {
    StringBuilder text = new StringBuilder(17);
    appendDuration(text, nanos, fsp);
    return text.toString();
  }

  /** As {@link #ofDate}, behind what the text holds. */
  public static void appendDate(StringBuilder text, long packed) {
    appendDate(text, PackedTime.year(packed), PackedTime.month(packed), PackedTime.day(packed));
  }

  /** As {@link #ofDateTime}, behind what the text holds. */
  public static void appendDateTime(StringBuilder text, long packed, int fsp) {
    appendDate(text, packed);
    text.append(' ');
    appendClock(
        text, PackedTime.hour(packed), PackedTime.minute(packed), PackedTime.second(packed));
    appendFraction(text, PackedTime.micro(packed), fsp);
  }

  /** As {@link #ofDuration}, behind what the text holds. */
  public static void appendDuration(StringBuilder text, long nanos, int fsp) {
    long size = nanos;
    if (nanos < 0) {
      text.append('-');
      size = nanos == Long.MIN_VALUE ? Long.MAX_VALUE : -nanos;
    }
    long micros = size / 1_000;
    long seconds = micros / 1_000_000;
    appendClock(text, seconds / 3_600, (int) (seconds / 60 % 60), (int) (seconds % 60));
    appendFraction(text, (int) (micros % 1_000_000), fsp);
  }

  /** The date of core-time bits as binary JSON holds them. */
  public static String ofCoreDate(long bits) {
    return ofDate(packedOfCore(bits));
  }

  /** Date and time of core-time bits as binary JSON holds them. */
  public static String ofCoreDateTime(long bits, int fsp) {
    return ofDateTime(packedOfCore(bits), fsp);
  }

  private static long packedOfCore(long bits) {
    return PackedTime.pack(
        (int) (bits >>> 50),
        (int) (bits >>> 46 & 0xf),
        (int) (bits >>> 41 & 0x1f),
        (int) (bits >>> 36 & 0x1f),
        (int) (bits >>> 30 & 0x3f),
        (int) (bits >>> 24 & 0x3f),
        (int) (bits >>> 4 & 0xfffff));
  }

  private static void appendDate(StringBuilder text, int year, int month, int day) {
    appendPadded(text, year, 4);
    text.append('-');
    appendPadded(text, month, 2);
    text.append('-');
    appendPadded(text, day, 2);
  }

  private static void appendClock(StringBuilder text, long hour, int minute, int second) {
    appendPadded(text, hour, 2);
    text.append(':');
    appendPadded(text, minute, 2);
    text.append(':');
    appendPadded(text, second, 2);
  }

  private static void appendFraction(StringBuilder text, int micro, int fsp) {
    if (fsp > 0) {
      int digits = Math.min(fsp, MICRO_DIGITS);
      text.append('.');
      appendPadded(text, micro / POWER_OF_TEN[MICRO_DIGITS - digits], digits);
    }
  }

  private static void appendPadded(StringBuilder text, long number, int digits) {
    for (long limit = POWER_OF_TEN[digits - 1]; limit > number && limit > 1; limit /= 10) {
      text.append('0');
    }
    text.append(number);
  }
}
