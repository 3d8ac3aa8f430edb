package org.tidbbinlog.node.config;

import java.time.Duration;
import java.util.List;
import java.util.function.Function;

/**
 * What values an option takes, on the command line (text) and in the file (TOML values: String,
 * Long, Double, Boolean, List, Map).
 *
 * @param <T> type of the value
 */
public final class Kind<T> {
  public static final Kind<String> STRING =
      new Kind<>("string", text -> text, Kinds::text, text -> text);
  public static final Kind<Long> INT =
      new Kind<>("int", Kinds::parseInt, Kinds::integer, String::valueOf);
  public static final Kind<Boolean> BOOL =
      new Kind<>("", Kinds::parseBool, Kinds::bool, String::valueOf);
  public static final Kind<Double> FLOAT =
      new Kind<>("float", Kinds::parseDecimal, Kinds::decimal, String::valueOf);

  /** Text as Go writes durations ({@code 1m30s}), or whole nanoseconds. */
  public static final Kind<Duration> DURATION =
      new Kind<>("duration", GoDuration::parse, Kinds::duration, GoDuration::show);

  /** {@code 42 MB} = 42,000,000; {@code 42 MiB} = 44,040,192; empty = 0. */
  public static final Kind<Long> BYTES =
      new Kind<>("string", ByteSize::parse, Kinds::bytes, String::valueOf);

  /** An array of strings; on the command line, separated by commas. */
  public static final Kind<List<String>> STRINGS =
      new Kind<>("strings", Kinds::splitComma, Kinds::strings, list -> String.join(",", list));

  /** File only: an array of integers. */
  public static final Kind<List<Long>> INTS =
      new Kind<>(
          "ints",
          text -> {
            throw Kinds.fileOnly(text);
          },
          Kinds::ints,
          String::valueOf);

  private final String typeName;
  private final Function<String, T> fromText;
  private final Function<Object, T> fromToml;
  private final Function<T, String> show;

  private Kind(
      String typeName,
      Function<String, T> fromText,
      Function<Object, T> fromToml,
      Function<T, String> show) {
    this.typeName = typeName;
    this.fromText = fromText;
    this.fromToml = fromToml;
    this.show = show;
  }

  /** Text or a whole number, kept as text. For keys that take both, such as {@code gc}. */
  public static Kind<String> stringOrInt() {
    return new Kind<>("string", text -> text, Kinds::textOrInt, text -> text);
  }

  /** File only: a table or array of tables of the given shape, as lists and maps. */
  public static Kind<Object> shaped(Shape shape) {
    return new Kind<>(
        shape.describe(),
        text -> {
          throw Kinds.fileOnly(text);
        },
        shape::read,
        String::valueOf);
  }

  /** As Go's usage text names it; empty for booleans. */
  String typeName() {
    return typeName;
  }

  /**
   * @throws BadValueException with Go's words
   */
  T fromText(String text) {
    return fromText.apply(text);
  }

  /**
   * @throws BadValueException saying what is wanted
   */
  T fromToml(Object value) {
    return fromToml.apply(value);
  }

  String show(T value) {
    return show.apply(value);
  }
}
