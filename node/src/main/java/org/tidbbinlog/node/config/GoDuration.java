package org.tidbbinlog.node.config;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as Go reads and writes them: {@code 1h15m}, {@code 1.5s}, {@code 300ms}, {@code 0}. */
public final class GoDuration {
  private static final Pattern PART =
      Pattern.compile("(\\d+(?:\\.\\d*)?|\\.\\d+)(ns|us|µs|μs|ms|s|m|h)");
  private static final Map<String, Long> UNIT_NS =
      Map.of(
          "ns", 1L,
          "us", 1_000L,
          "µs", 1_000L,
          "μs", 1_000L,
          "ms", 1_000_000L,
          "s", 1_000_000_000L,
          "m", 60_000_000_000L,
          "h", 3_600_000_000_000L);

  private GoDuration() {}

  /**
   * @throws BadValueException with Go's words
   */
  public static Duration parse(String text) {
    boolean negative = text.startsWith("-");
    String rest = negative || text.startsWith("+") ? text.substring(1) : text;
    if (rest.equals("0")) {
      return Duration.ZERO;
    }
    Matcher part = PART.matcher(rest);
    BigDecimal nanos = BigDecimal.ZERO;
    int at = 0;
    while (at < rest.length()) {
      part.region(at, rest.length());
      if (!part.lookingAt()) {
        throw invalid(text, rest, at);
      }
      long unitNs = UNIT_NS.getOrDefault(part.group(2), 0L);
      nanos = nanos.add(new BigDecimal(part.group(1)).multiply(BigDecimal.valueOf(unitNs)));
      at = part.end();
    }
    if (at == 0 || nanos.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
      throw new BadValueException("time: invalid duration \"" + text + '"');
    }
    return Duration.ofNanos(negative ? -nanos.longValue() : nanos.longValue());
  }

  private static BadValueException invalid(String text, String rest, int at) {
    boolean number = Character.isDigit(rest.charAt(at));
    boolean unitMissing = number && rest.substring(at).matches("[\\d.]+");
    return new BadValueException(
        "time: " + (unitMissing ? "missing unit in" : "invalid") + " duration \"" + text + '"');
  }

  /** Go's form: {@code 1m30s}, {@code 1.5s}, {@code 250ms}, {@code 0s}. */
  public static String show(Duration duration) {
    if (duration.isZero()) {
      return "0s";
    }
    String sign = duration.isNegative() ? "-" : "";
    Duration value = duration.abs();
    long nanos = value.toNanos();
    if (nanos < 1_000) {
      return sign + nanos + "ns";
    } else if (nanos < 1_000_000) {
      return sign + decimal(nanos, 3) + "µs";
    } else if (nanos < 1_000_000_000) {
      return sign + decimal(nanos, 6) + "ms";
    }
    String hours = value.toHours() > 0 ? value.toHours() + "h" : "";
    String minutes = value.toMinutes() > 0 ? value.toMinutesPart() + "m" : "";
    return sign + hours + minutes + decimal(nanos % 60_000_000_000L, 9) + "s";
  }

  private static String decimal(long value, int places) {
    BigDecimal number = BigDecimal.valueOf(value, places).stripTrailingZeros();
    return number.signum() == 0 ? "0" : number.toPlainString();
  }
}
