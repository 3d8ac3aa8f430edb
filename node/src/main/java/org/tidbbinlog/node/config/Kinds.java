package org.tidbbinlog.node.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The kinds that {@link Kind} offers. */
final class Kinds {
  private static final Set<String> TRUE = Set.of("1", "t", "T", "TRUE", "true", "True");
  private static final Set<String> FALSE = Set.of("0", "f", "F", "FALSE", "false", "False");

  private Kinds() {}

  private static BadValueException wants(String what, Object value) {
    return new BadValueException("wants " + what + ", got " + Shape.typeOf(value));
  }

  static final class Text extends Kind<String> {
    @Override
    String typeName() {
      return "string";
    }

    @Override
    String fromText(String text) {
      return text;
    }

    @Override
    String fromToml(Object value) {
      if (value instanceof String text) {
        return text;
      }
      throw wants("a string", value);
    }
  }

  static final class TextOrInt extends Kind<String> {
    @Override
    String typeName() {
      return "string";
    }

    @Override
    String fromText(String text) {
      return text;
    }

    @Override
    String fromToml(Object value) {
      if (value instanceof String || value instanceof Long) {
        return String.valueOf(value);
      }
      throw wants("a string or an integer", value);
    }
  }

  static final class Word extends Kind<String> {
    private final List<String> words;

    Word(List<String> words) {
      this.words = words;
    }

    @Override
    String typeName() {
      return "string";
    }

    @Override
    String fromText(String text) {
      String word = text.toLowerCase(Locale.ROOT);
      if (!words.contains(word)) {
        throw new BadValueException("must be one of " + String.join(", ", words));
      }
      return word;
    }

    @Override
    String fromToml(Object value) {
      if (value instanceof String text) {
        return fromText(text);
      }
      throw wants("a string", value);
    }
  }

  static final class Int extends Kind<Long> {
    @Override
    String typeName() {
      return "int";
    }

    /** Go's rules: 0x, 0o, 0b and a leading 0 for octal; underscores only after such a prefix. */
    @Override
    Long fromText(String text) {
      String digits = text.startsWith("-") || text.startsWith("+") ? text.substring(1) : text;
      String sign = text.startsWith("-") ? "-" : "";
      String low = digits.toLowerCase(Locale.ROOT);
      int radix = 10;
      if (low.startsWith("0x")) {
        radix = 16;
      } else if (low.startsWith("0b")) {
        radix = 2;
      } else if (low.length() > 1 && low.startsWith("0")) {
        radix = 8;
      }
      if (radix != 10) {
        boolean prefixed = Character.isLetter(low.charAt(1));
        low = low.substring(prefixed ? 2 : 1).replace("_", "");
      }
      if (low.isEmpty() || low.charAt(0) == '-' || low.charAt(0) == '+') {
        throw new BadValueException("parse error");
      }
      try {
        return Long.parseLong(sign + low, radix);
      } catch (NumberFormatException e) {
        boolean number = low.chars().allMatch(c -> c >= '0' && c <= '9');
        throw new BadValueException(number ? "value out of range" : "parse error");
      }
    }

    @Override
    Long fromToml(Object value) {
      if (value instanceof Long number) {
        return number;
      }
      throw wants("an integer", value);
    }
  }

  static final class Decimal extends Kind<Double> {
    @Override
    String typeName() {
      return "float";
    }

    @Override
    Double fromText(String text) {
      try {
        return Double.parseDouble(text);
      } catch (NumberFormatException e) {
        throw new BadValueException("parse error");
      }
    }

    @Override
    Double fromToml(Object value) {
      if (value instanceof Number number) {
        return number.doubleValue();
      }
      throw wants("a number", value);
    }
  }

  static final class Bool extends Kind<Boolean> {
    @Override
    String typeName() {
      return "";
    }

    @Override
    Boolean fromText(String text) {
      if (TRUE.contains(text)) {
        return true;
      }
      if (FALSE.contains(text)) {
        return false;
      }
      throw new BadValueException("parse error");
    }

    @Override
    Boolean fromToml(Object value) {
      if (value instanceof Boolean flag) {
        return flag;
      }
      throw wants("true or false", value);
    }
  }

  static final class GoDurationKind extends Kind<Duration> {
    @Override
    String typeName() {
      return "duration";
    }

    @Override
    Duration fromText(String text) {
      return GoDuration.parse(text);
    }

    @Override
    Duration fromToml(Object value) {
      if (value instanceof Long nanos) {
        return Duration.ofNanos(nanos);
      }
      if (value instanceof String text) {
        return GoDuration.parse(text);
      }
      throw wants("a duration such as \"5s\" or whole nanoseconds", value);
    }

    @Override
    String show(Duration value) {
      return GoDuration.show(value);
    }
  }

  static final class Bytes extends Kind<Long> {
    @Override
    String typeName() {
      return "string";
    }

    @Override
    Long fromText(String text) {
      return ByteSize.parse(text);
    }

    @Override
    Long fromToml(Object value) {
      if (value instanceof Long number && number >= 0) {
        return number;
      }
      if (value instanceof String text) {
        return ByteSize.parse(text);
      }
      throw wants("a byte size such as \"10 GiB\"", value);
    }
  }

  static final class Strings extends Kind<List<String>> {
    @Override
    String typeName() {
      return "strings";
    }

    @Override
    List<String> fromText(String text) {
      return text.isEmpty() ? List.of() : List.of(text.split(",", -1));
    }

    @Override
    List<String> fromToml(Object value) {
      List<String> strings = new ArrayList<>();
      for (Object item : list(value, "an array of strings")) {
        strings.add(Kind.STRING.fromToml(item));
      }
      return List.copyOf(strings);
    }
  }

  static final class Ints extends Kind<List<Long>> {
    @Override
    String typeName() {
      return "ints";
    }

    @Override
    List<Long> fromText(String text) {
      throw new BadValueException("can only stand in the file");
    }

    @Override
    List<Long> fromToml(Object value) {
      List<Long> ints = new ArrayList<>();
      for (Object item : list(value, "an array of integers")) {
        ints.add(Kind.INT.fromToml(item));
      }
      return List.copyOf(ints);
    }
  }

  static final class Shaped extends Kind<Object> {
    private final Shape shape;

    Shaped(Shape shape) {
      this.shape = shape;
    }

    @Override
    String typeName() {
      return shape.describe();
    }

    @Override
    Object fromText(String text) {
      throw new BadValueException("can only stand in the file");
    }

    @Override
    Object fromToml(Object value) {
      return shape.read(value);
    }
  }

  private static List<?> list(Object value, String what) {
    if (value instanceof List<?> list) {
      return list;
    }
    throw wants(what, value);
  }
}
