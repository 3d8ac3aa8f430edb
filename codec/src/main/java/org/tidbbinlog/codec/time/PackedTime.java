package org.tidbbinlog.codec.time;

import java.time.LocalDateTime;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;

/**
 * TiDB's 64-bit calendar time; zero, and a zero month or day, are legal.
 *
 * <pre>
 *  63                     46 45   41 40   36 35    30 29    24 23            0
 * +-------------------------+-------+-------+--------+--------+---------------+
 * | year * 13 + month       | day   | hour  | minute | second | microsecond   |
 * +-------------------------+-------+-------+--------+--------+---------------+
 * </pre>
 *
 * Source: row-format section 2.5.
 */
public final class PackedTime {
  private static final int MONTHS = 13;

  private PackedTime() {}

  public static long pack(
      int year, int month, int day, int hour, int minute, int second, int micro) {
    long ymd = ((long) year * MONTHS + month) << 5 | day;
    long hms = (long) hour << 12 | minute << 6 | second;
    return (ymd << 17 | hms) << 24 | micro;
  }

  public static int year(long packed) {
    return (int) ((packed >>> 46) / MONTHS);
  }

  public static int month(long packed) {
    return (int) ((packed >>> 46) % MONTHS);
  }

  public static int day(long packed) {
    return (int) (packed >>> 41 & 0x1f);
  }

  public static int hour(long packed) {
    return (int) (packed >>> 36 & 0x1f);
  }

  public static int minute(long packed) {
    return (int) (packed >>> 30 & 0x3f);
  }

  public static int second(long packed) {
    return (int) (packed >>> 24 & 0x3f);
  }

  public static int micro(long packed) {
    return (int) (packed & 0xffffff);
  }

  /** True when all parts make a moment of the calendar: no zero month or day, nothing too large. */
  public static boolean isMoment(long packed) {
    return month(packed) > 0
        && day(packed) > 0
        && day(packed) <= daysOf(year(packed), month(packed))
        && hour(packed) < 24
        && minute(packed) < 60
        && second(packed) < 60
        && micro(packed) < 1_000_000;
  }

  private static int daysOf(int year, int month) {
    return YearMonth.of(year, month).lengthOfMonth();
  }

  /**
   * A TIMESTAMP of UTC in another zone. What is no moment (above all the zero timestamp) stays as
   * it is.
   */
  public static long fromUtc(long packed, ZoneId zone) {
    if (zone.equals(ZoneOffset.UTC) || !isMoment(packed)) {
      return packed;
    }
    return of(local(packed).atZone(ZoneOffset.UTC).withZoneSameInstant(zone));
  }

  /** The other way; a time that the zone skips moves on by the length of the gap. */
  public static long toUtc(long packed, ZoneId zone) {
    if (zone.equals(ZoneOffset.UTC) || !isMoment(packed)) {
      return packed;
    }
    return of(local(packed).atZone(zone).withZoneSameInstant(ZoneOffset.UTC));
  }

  private static LocalDateTime local(long packed) {
    return LocalDateTime.of(
        year(packed),
        month(packed),
        day(packed),
        hour(packed),
        minute(packed),
        second(packed),
        micro(packed) * 1_000);
  }

  private static long of(ZonedDateTime time) {
    return pack(
        time.getYear(),
        time.getMonthValue(),
        time.getDayOfMonth(),
        time.getHour(),
        time.getMinute(),
        time.getSecond(),
        time.getNano() / 1_000);
  }
}
