package org.tidbbinlog.tools.binlogctl;

import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import org.tidbbinlog.base.Tso;

/** Times in Go's default form, whole seconds: {@code 2026-11-22 22:56:11 +0800 CST}. */
final class GoTime {
  private static final DateTimeFormatter FORM =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss xx z", Locale.ENGLISH);

  private GoTime() {}

  static String local(Tso ts) {
    return in(ts, ZoneId.systemDefault());
  }

  static String in(Tso ts, ZoneId zone) {
    boolean utc = zone.normalized().equals(ZoneOffset.UTC);
    ZonedDateTime time =
        ts.instant().truncatedTo(ChronoUnit.SECONDS).atZone(utc ? ZoneId.of("UTC") : zone);
    return FORM.format(time);
  }
}
