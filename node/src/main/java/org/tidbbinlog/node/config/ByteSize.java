package org.tidbbinlog.node.config;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Byte sizes as the original reads them: SI units are powers of 1000, IEC units of 1024, case does
 * not matter, a bare number is bytes. Source: pump section 2, acceptance fact 21.
 */
public final class ByteSize {
  private static final Pattern FORM = Pattern.compile("([\\d.,]+)\\s*([a-z]*)");
  private static final Map<String, Long> UNITS =
      Map.ofEntries(
          Map.entry("", 1L),
          Map.entry("b", 1L),
          Map.entry("k", 1_000L),
          Map.entry("kb", 1_000L),
          Map.entry("m", 1_000_000L),
          Map.entry("mb", 1_000_000L),
          Map.entry("g", 1_000_000_000L),
          Map.entry("gb", 1_000_000_000L),
          Map.entry("t", 1_000_000_000_000L),
          Map.entry("tb", 1_000_000_000_000L),
          Map.entry("p", 1_000_000_000_000_000L),
          Map.entry("pb", 1_000_000_000_000_000L),
          Map.entry("ki", 1L << 10),
          Map.entry("kib", 1L << 10),
          Map.entry("mi", 1L << 20),
          Map.entry("mib", 1L << 20),
          Map.entry("gi", 1L << 30),
          Map.entry("gib", 1L << 30),
          Map.entry("ti", 1L << 40),
          Map.entry("tib", 1L << 40),
          Map.entry("pi", 1L << 50),
          Map.entry("pib", 1L << 50));

  private ByteSize() {}

  /** Empty text means 0. */
  public static long parse(String text) {
    if (text.isBlank()) {
      return 0;
    }
    Matcher form = FORM.matcher(text.strip().toLowerCase(Locale.ROOT));
    Long unit = form.matches() ? UNITS.get(form.group(2)) : null;
    if (unit == null) {
      throw new BadValueException("is not a byte size such as \"10 GiB\" or \"42 MB\": " + text);
    }
    try {
      BigDecimal bytes =
          new BigDecimal(form.group(1).replace(",", "")).multiply(BigDecimal.valueOf(unit));
      return bytes.toBigInteger().longValueExact();
    } catch (ArithmeticException | NumberFormatException e) {
      throw new BadValueException("is not a byte size: " + text);
    }
  }
}
