package org.tidbbinlog.node.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import org.slf4j.Marker;
import org.slf4j.event.KeyValuePair;

/**
 * One line for each event, as the original writes it:
 *
 * <pre>
 *  [2006/01/02 15:04:05.000 +00:00] [INFO] [File.java:12] ["the message"] [key=value] [key="a b"]
 * </pre>
 *
 * Texts with blanks, control characters, quotes, brackets, backslashes or {@code =} are quoted as
 * in JSON. A cause becomes {@code error} and {@code stack}, still on the line. Source: pump section
 * 3.
 */
final class ZapEncoder extends EncoderBase<ILoggingEvent> {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy/MM/dd HH:mm:ss.SSS xxx", Locale.ROOT);

  /** Longest text of one value; a megabyte of binlog does not belong into a log. */
  private static final int MAX_VALUE_CHARS = 64 << 10;

  private final ZoneId zone = ZoneId.systemDefault();

  @Override
  public byte[] headerBytes() {
    return new byte[0];
  }

  @Override
  public byte[] footerBytes() {
    return new byte[0];
  }

  @Override
  public byte[] encode(ILoggingEvent event) {
    StringBuilder line = new StringBuilder(256);
    line.append('[');
    TIME.formatTo(Instant.ofEpochMilli(event.getTimeStamp()).atZone(zone), line);
    line.append("] [").append(level(event)).append("] [").append(caller(event)).append("] [");
    text(line, event.getFormattedMessage());
    line.append(']');
    List<KeyValuePair> pairs = event.getKeyValuePairs();
    if (pairs != null) {
      pairs.forEach(pair -> field(line, pair.key, pair.value));
    }
    IThrowableProxy cause = event.getThrowableProxy();
    if (cause != null) {
      String message = cause.getMessage();
      field(line, "error", message == null ? cause.getClassName() : message);
      field(line, "stack", ThrowableProxyUtil.asString(cause));
    }
    return line.append('\n').toString().getBytes(StandardCharsets.UTF_8);
  }

  private static String level(ILoggingEvent event) {
    List<Marker> markers = event.getMarkerList();
    if (markers != null && markers.contains(Logging.FATAL)) {
      return "FATAL";
    }
    return event.getLevel() == Level.TRACE ? "DEBUG" : event.getLevel().toString();
  }

  private static String caller(ILoggingEvent event) {
    StackTraceElement[] callers = event.getCallerData();
    if (callers == null || callers.length == 0) {
      return "unknown:0";
    }
    return callers[0].getFileName() + ":" + callers[0].getLineNumber();
  }

  private static void field(StringBuilder line, String key, Object value) {
    line.append(" [");
    text(line, key);
    line.append('=');
    text(line, show(value));
    line.append(']');
  }

  private static String show(Object value) {
    if (value instanceof Throwable thrown) {
      String message = thrown.getMessage();
      return message == null ? thrown.getClass().getName() : message;
    }
    return String.valueOf(value);
  }

  private static void text(StringBuilder line, String text) {
    String shown =
        text.length() <= MAX_VALUE_CHARS
            ? text
            : text.substring(0, MAX_VALUE_CHARS) + "...(" + text.length() + " characters)";
    if (!needsQuotes(shown)) {
      line.append(shown);
      return;
    }
    line.append('"');
    for (int i = 0; i < shown.length(); i++) {
      escape(line, shown.charAt(i));
    }
    line.append('"');
  }

  private static boolean needsQuotes(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c <= 0x20 || c == '\\' || c == '"' || c == '[' || c == ']' || c == '=') {
        return true;
      }
    }
    return false;
  }

  private static void escape(StringBuilder line, char c) {
    switch (c) {
      case '\\', '"' -> line.append('\\').append(c);
      case '\n' -> line.append("\\n");
      case '\r' -> line.append("\\r");
      case '\t' -> line.append("\\t");
      default -> {
        if (c < 0x20) {
          line.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
        } else {
          line.append(c);
        }
      }
    }
  }
}
