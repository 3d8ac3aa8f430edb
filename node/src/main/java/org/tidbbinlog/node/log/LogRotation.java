package org.tidbbinlog.node.log;

import java.util.Locale;
import org.tidbbinlog.base.OperatorException;

/** When a log file is closed and a new one begun, besides at 300 MB. */
public enum LogRotation {
  SIZE_ONLY,
  HOUR,
  DAY;

  /** The {@code -log-rotate} flag: {@code hour}, {@code day} or empty. */
  public static LogRotation of(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "" -> SIZE_ONLY;
      case "hour" -> HOUR;
      case "day" -> DAY;
      default ->
          throw new OperatorException("log-rotate is " + text + ", must be hour, day or empty");
    };
  }
}
