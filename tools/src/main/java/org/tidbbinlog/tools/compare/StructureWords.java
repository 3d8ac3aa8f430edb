package org.tidbbinlog.tools.compare;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Gathers one table's definition in the words of {@link ObjectStructure}, part by part. */
final class StructureWords {
  private final SortedMap<String, String> facets = new TreeMap<>();
  private final List<String> columns = new ArrayList<>();
  private final List<String> partitions = new ArrayList<>();

  /** One column, in the table's order. */
  record Column(
      String name,
      String type,
      Optional<String> collation,
      boolean nullable,
      Optional<String> defaultText,
      Optional<String> generated) {}

  void column(Column column) {
    StringBuilder words = new StringBuilder(column.type);
    column.collation.ifPresent(collation -> words.append(' ').append(collation));
    words.append(column.nullable ? "" : " not null");
    column.defaultText.ifPresent(
        text -> words.append(" default '").append(canonical(text, column.type)).append('\''));
    column.generated.ifPresent(how -> words.append(" generated ").append(how));
    facets.put("column " + lower(column.name), words.toString());
    columns.add(lower(column.name));
  }

  /** How a generated column is made; quotes, brackets and blanks of the expression do not count. */
  static String generated(String expression, boolean stored) {
    return (stored ? "stored " : "virtual ") + lower(expression.replaceAll("[`() ]", ""));
  }

  /**
   * @param parts columns in order, with the length of a prefix
   */
  void index(String name, boolean unique, List<String> parts) {
    facets.put("index " + lower(name), (unique ? "unique (" : "(") + lower(parts) + ")");
  }

  static String part(String column, int prefix) {
    return prefix > 0 ? column + "(" + prefix + ")" : column;
  }

  void partition(String name) {
    partitions.add(lower(name));
  }

  void comment(String comment) {
    facets.put("comment", "'" + comment + "'");
  }

  ObjectStructure table(String name) {
    facets.put("order of columns", String.join(", ", columns));
    facets.put("partitions", partitions.isEmpty() ? "none" : String.join(", ", partitions));
    return new ObjectStructure(name, ObjectStructure.Kind.TABLE, facets);
  }

  private static String canonical(String text, String type) {
    boolean number = type.matches("(tinyint|smallint|mediumint|int|bigint|decimal|double|float).*");
    return number && text.matches("-?[0-9.]+(e-?[0-9]+)?")
        ? new BigDecimal(text).stripTrailingZeros().toPlainString()
        : text;
  }

  private static String lower(List<String> words) {
    return lower(String.join(", ", words));
  }

  private static String lower(String word) {
    return word.toLowerCase(Locale.ROOT);
  }
}
