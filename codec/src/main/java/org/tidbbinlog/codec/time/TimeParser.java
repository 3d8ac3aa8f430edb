package org.tidbbinlog.codec.time;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tidbbinlog.codec.DecodeException;

/** Times from the text that {@link TimeText} writes. */
public final class TimeParser {
  private static final Pattern DATE_TIME =
      Pattern.compile(
          "(\\d{1,5})-(\\d{1,2})-(\\d{1,2})"
              + "(?:[ T](\\d{1,2}):(\\d{1,2})(?::(\\d{1,2})(?:\\.(\\d{0,9}))?)?)?");
  private static final Pattern DURATION =
      Pattern.compile("(-?)(\\d{1,4}):(\\d{1,2}):(\\d{1,2})(?:\\.(\\d{0,9}))?");

  private TimeParser() {}

  /** Packed date; a time of day is dropped. */
  public static long date(String text) {
    long packed = dateTime(text);
    return PackedTime.pack(
        PackedTime.year(packed), PackedTime.month(packed), PackedTime.day(packed), 0, 0, 0, 0);
  }

  /** Packed date and time; a missing time of day is midnight. */
  public static long dateTime(String text) {
    Matcher parts = DATE_TIME.matcher(text);
    if (!parts.matches()) {
      throw new DecodeException("not a date and time", 0, text);
    }
    return PackedTime.pack(
        number(parts, 1),
        number(parts, 2),
        number(parts, 3),
        number(parts, 4),
        number(parts, 5),
        number(parts, 6),
        micros(parts.group(7)));
  }

  /** Nanoseconds. */
  public static long duration(String text) {
    Matcher parts = DURATION.matcher(text);
    if (!parts.matches()) {
      throw new DecodeException("not a time", 0, text);
    }
    long seconds = number(parts, 2) * 3_600L + number(parts, 3) * 60L + number(parts, 4);
    long nanos = (seconds * 1_000_000 + micros(parts.group(5))) * 1_000;
    return parts.group(1).isEmpty() ? nanos : -nanos;
  }

  private static int number(Matcher parts, int group) {
    String digits = parts.group(group);
    return digits == null ? 0 : Integer.parseInt(digits);
  }

  private static int micros(@Nullable String fraction) {
    return fraction == null ? 0 : Integer.parseInt((fraction + "000000").substring(0, 6));
  }
}
