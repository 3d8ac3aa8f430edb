package org.tidbbinlog.node.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** How each {@link Kind} reads text and TOML values. */
final class Kinds {
  private static final Set<String> TRUE = Set.of("1", "t", "T", "TRUE", "true", "True");
  private static final Set<String> FALSE = Set.of("0", "f", "F", "FALSE", "false", "False");

  private Kinds() {}

  static String text(Object value) {
    if (value instanceof String text) {
      return text;
    }
    throw wants("a string", value);
  }

  static String textOrInt(Object value) {
    if (value instanceof String || value instanceof Long) {
      return String.valueOf(value);
    }
    throw wants("a string or an integer", value);
  }

  /** Go's rules: 0x, 0o, 0b and a leading 0 for octal; underscores only after such a prefix. */
  static Long parseInt(String text) {
    boolean signed = text.startsWith("-") || text.startsWith("+");
    String digits = (signed ? text.substring(1) : text).toLowerCase(Locale.ROOT);
    int radix = radix(digits);
    if (radix != 10) {
      boolean lettered = Character.isLetter(digits.charAt(1));
      digits = digits.substring(lettered ? 2 : 1).replace("_", "");
    }
    if (digits.isEmpty() || digits.charAt(0) == '-' || digits.charAt(0) == '+') {
      throw new BadValueException("parse error");
    }
    try {
      return Long.parseLong(text.startsWith("-") ? "-" + digits : digits, radix);
    } catch (NumberFormatException e) {
      boolean number = digits.chars().allMatch(c -> c >= '0' && c <= '9');
      throw new BadValueException(number ? "value out of range" : "parse error");
    }
  }

  private static int radix(String digits) {
    if (digits.startsWith("0x")) {
      return 16;
    } else if (digits.startsWith("0b")) {
      return 2;
    }
    return digits.length() > 1 && digits.startsWith("0") ? 8 : 10;
  }

  static Long integer(Object value) {
    if (value instanceof Long number) {
      return number;
    }
    throw wants("an integer", value);
  }

  static Double parseDecimal(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new BadValueException("parse error");
    }
  }

  static Double decimal(Object value) {
    if (value instanceof Number number) {
      return number.doubleValue();
    }
    throw wants("a number", value);
  }

  static Boolean parseBool(String text) {
    if (!TRUE.contains(text) && !FALSE.contains(text)) {
      throw new BadValueException("parse error");
    }
    return TRUE.contains(text);
  }

  static Boolean bool(Object value) {
    if (value instanceof Boolean flag) {
      return flag;
    }
    throw wants("true or false", value);
  }

  static Duration duration(Object value) {
    if (value instanceof Long nanos) {
      return Duration.ofNanos(nanos);
    }
    if (value instanceof String text) {
      return GoDuration.parse(text);
    }
    throw wants("a duration such as \"5s\" or whole nanoseconds", value);
  }

  static Long bytes(Object value) {
    if (value instanceof Long number && number >= 0) {
      return number;
    }
    if (value instanceof String text) {
      return ByteSize.parse(text);
    }
    throw wants("a byte size such as \"10 GiB\"", value);
  }

  static List<String> splitComma(String text) {
    return text.isEmpty() ? List.of() : List.of(text.split(",", -1));
  }

  static List<String> strings(Object value) {
    List<String> strings = new ArrayList<>();
    for (Object item : list(value, "an array of strings")) {
      strings.add(text(item));
    }
    return List.copyOf(strings);
  }

  static List<Long> ints(Object value) {
    List<Long> ints = new ArrayList<>();
    for (Object item : list(value, "an array of integers")) {
      ints.add(integer(item));
    }
    return List.copyOf(ints);
  }

  static BadValueException fileOnly(String text) {
    return new BadValueException("can only stand in the file, not " + text);
  }

  private static List<?> list(Object value, String what) {
    if (value instanceof List<?> list) {
      return list;
    }
    throw wants(what, value);
  }

  private static BadValueException wants(String what, Object value) {
    return new BadValueException("wants " + what + ", got " + Shape.typeOf(value));
  }
}
