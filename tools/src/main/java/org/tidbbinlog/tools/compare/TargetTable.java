package org.tidbbinlog.tools.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** One base table of a target. {@code keyColumns} are the primary key's, empty without one. */
record TargetTable(
    String schema, String table, List<TargetColumn> columns, List<String> keyColumns) {
  /** A column, generated ones included. */
  record TargetColumn(String name, ColumnKind kind, Origin origin) {}

  /** Where a column's values come from. */
  enum Origin {
    WRITTEN,
    GENERATED
  }

  TargetTable {
    columns = List.copyOf(columns);
    keyColumns = List.copyOf(keyColumns);
  }

  String name() {
    return schema + "." + table;
  }

  /** The column of that name, whatever its case. */
  Optional<TargetColumn> column(String name) {
    return columns.stream().filter(column -> column.name().equalsIgnoreCase(name)).findFirst();
  }

  /** Positions of the key columns in {@code names}; empty when one is not there. */
  List<Integer> keyPositions(List<String> names) {
    List<String> lower = names.stream().map(name -> name.toLowerCase(Locale.ROOT)).toList();
    List<Integer> positions = new ArrayList<>();
    for (String key : keyColumns) {
      int position = lower.indexOf(key.toLowerCase(Locale.ROOT));
      if (position < 0) {
        return List.of();
      }
      positions.add(position);
    }
    return positions;
  }

  /** {@code SELECT} of the columns in the order of {@code wanted}, each as text. */
  String select(List<TargetColumn> wanted) {
    List<String> expressions =
        wanted.stream().map(column -> column.kind().select(quote(column.name()))).toList();
    return "SELECT " + String.join(", ", expressions) + " FROM " + quotedName();
  }

  String quotedName() {
    return quote(schema) + "." + quote(table);
  }

  static String quote(String name) {
    return "`" + name.replace("`", "``") + "`";
  }
}
