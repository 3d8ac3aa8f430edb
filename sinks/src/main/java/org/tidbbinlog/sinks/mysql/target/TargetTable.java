package org.tidbbinlog.sinks.mysql.target;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A table as the target has it, read once and kept until a DDL touches it.
 *
 * @param quotedName {@code `schema`.`table`}
 * @param columns in the target's order
 * @param uniqueKeys PRIMARY first
 */
public record TargetTable(
    String schema,
    String name,
    String quotedName,
    List<TargetColumn> columns,
    List<UniqueKey> uniqueKeys,
    Map<String, TargetColumn> byLowerName) {

  static TargetTable of(
      String schema,
      String name,
      String quotedName,
      List<TargetColumn> columns,
      List<UniqueKey> uniqueKeys) {
    Map<String, TargetColumn> byName =
        columns.stream()
            .collect(
                Collectors.toUnmodifiableMap(
                    column -> column.name().toLowerCase(Locale.ROOT),
                    Function.identity(),
                    (one, other) -> one));
    return new TargetTable(
        schema, name, quotedName, List.copyOf(columns), List.copyOf(uniqueKeys), byName);
  }

  /** The column of this name in any case, or {@link TargetColumn#MISSING}. */
  public TargetColumn column(String columnName) {
    TargetColumn exact = byLowerName.get(columnName);
    return exact != null
        ? exact
        : byLowerName.getOrDefault(columnName.toLowerCase(Locale.ROOT), TargetColumn.MISSING);
  }

  /** Tables are the same by name: a re-read one replaces its predecessor everywhere. */
  public String id() {
    return quotedName;
  }
}
