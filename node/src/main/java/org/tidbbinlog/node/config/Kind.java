package org.tidbbinlog.node.config;

import java.time.Duration;
import java.util.List;

/**
 * What values an option takes, on the command line (text) and in the file (TOML values: String,
 * Long, Double, Boolean, List, Map).
 *
 * @param <T> type of the value
 */
public abstract class Kind<T> {
  public static final Kind<String> STRING = new Kinds.Text();
  public static final Kind<Long> INT = new Kinds.Int();
  public static final Kind<Boolean> BOOL = new Kinds.Bool();
  public static final Kind<Double> FLOAT = new Kinds.Decimal();

  /** Text as Go writes durations ({@code 1m30s}), or whole nanoseconds. */
  public static final Kind<Duration> DURATION = new Kinds.GoDurationKind();

  /** {@code 42 MB} = 42,000,000; {@code 42 MiB} = 44,040,192; empty = 0. */
  public static final Kind<Long> BYTES = new Kinds.Bytes();

  /** File only: an array of strings. */
  public static final Kind<List<String>> STRINGS = new Kinds.Strings();

  /** File only: an array of integers. */
  public static final Kind<List<Long>> INTS = new Kinds.Ints();

  Kind() {}

  /** Text or a whole number, kept as text. For keys that take both, such as {@code gc}. */
  public static Kind<String> stringOrInt() {
    return new Kinds.TextOrInt();
  }

  /** One of a few words. */
  public static Kind<String> oneOf(String... words) {
    return new Kinds.Word(List.of(words));
  }

  /** File only: a table or array of tables of the given shape, as lists and maps. */
  public static Kind<Object> shaped(Shape shape) {
    return new Kinds.Shaped(shape);
  }

  /** As Go's usage text names it; empty for booleans. */
  abstract String typeName();

  /**
   * @throws BadValueException with Go's words
   */
  abstract T fromText(String text);

  /**
   * @throws BadValueException saying what is wanted
   */
  abstract T fromToml(Object value);

  String show(T value) {
    return String.valueOf(value);
  }
}
