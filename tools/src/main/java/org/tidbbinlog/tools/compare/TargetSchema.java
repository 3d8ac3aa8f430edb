package org.tidbbinlog.tools.compare;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.tidbbinlog.tools.compare.TargetTable.TargetColumn;

/** Lists a target's base tables; views, sequences and the target's own databases are left out. */
final class TargetSchema {
  private static final Set<String> OWN_DATABASES =
      Set.of(
          "mysql",
          "information_schema",
          "performance_schema",
          "sys",
          "metrics_schema",
          "inspection_schema",
          "tidb_binlog",
          "retl");

  private final Connection connection;

  TargetSchema(Connection connection) {
    this.connection = connection;
  }

  /** All base tables, sorted by name. */
  List<TargetTable> tables() throws SQLException {
    Set<String> jsonColumns = jsonColumns();
    Map<String, List<TargetColumn>> columns = new LinkedHashMap<>();
    Map<String, List<String>> keys = new TreeMap<>();
    Map<String, String[]> names = new LinkedHashMap<>();
    query(
        "SELECT t.table_schema, t.table_name FROM information_schema.tables t"
            + " WHERE t.table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')",
        row -> {
          if (!OWN_DATABASES.contains(row.getString(1).toLowerCase(Locale.ROOT))) {
            String[] name = {row.getString(1), row.getString(2)};
            names.put(id(row), name);
          }
        });
    query(
        "SELECT table_schema, table_name, column_name, data_type, extra FROM"
            + " information_schema.columns"
            + " ORDER BY table_schema, table_name, ordinal_position",
        row -> {
          String id = id(row);
          ColumnKind kind =
              jsonColumns.contains(id + "\0" + row.getString(3))
                  ? ColumnKind.JSON
                  : ColumnKind.of(row.getString(4));
          columns
              .computeIfAbsent(id, key -> new ArrayList<>())
              .add(new TargetColumn(row.getString(3), kind, origin(row.getString(5))));
        });
    query(
        "SELECT table_schema, table_name, column_name FROM information_schema.statistics"
            + " WHERE index_name = 'PRIMARY' ORDER BY table_schema, table_name, seq_in_index",
        row -> keys.computeIfAbsent(id(row), key -> new ArrayList<>()).add(row.getString(3)));
    List<TargetTable> tables = new ArrayList<>();
    names.forEach(
        (id, name) ->
            tables.add(
                new TargetTable(
                    name[0],
                    name[1],
                    columns.getOrDefault(id, List.of()),
                    keys.getOrDefault(id, List.of()))));
    tables.sort(Comparator.comparing(TargetTable::name));
    return tables;
  }

  /** MariaDB keeps JSON as LONGTEXT with a check; the check tells such columns from texts. */
  private Set<String> jsonColumns() throws SQLException {
    Set<String> found = new HashSet<>();
    if (connection.getMetaData().getDatabaseProductVersion().contains("MariaDB")) {
      query(
          "SELECT constraint_schema, table_name, constraint_name FROM"
              + " information_schema.check_constraints WHERE check_clause LIKE 'json_valid(%'",
          row -> found.add(id(row) + "\0" + row.getString(3)));
    }
    return found;
  }

  /** The word stands alone for generated columns; defaults are DEFAULT_GENERATED on MySQL. */
  private static TargetTable.Origin origin(String extra) {
    String words = extra.toUpperCase(Locale.ROOT).replace("DEFAULT_GENERATED", "");
    return words.contains("GENERATED") ? TargetTable.Origin.GENERATED : TargetTable.Origin.WRITTEN;
  }

  private static String id(ResultSet row) throws SQLException {
    return row.getString(1) + "\0" + row.getString(2);
  }

  private void query(String sql, RowReader reader) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        reader.read(rows);
      }
    }
  }

  /** Takes what it needs from the current row. */
  private interface RowReader {
    void read(ResultSet row) throws SQLException;
  }
}
