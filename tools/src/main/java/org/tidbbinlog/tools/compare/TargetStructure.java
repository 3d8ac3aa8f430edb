package org.tidbbinlog.tools.compare;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Reads how a target defines what it has, from {@code information_schema}. */
final class TargetStructure {
  private final Connection connection;
  private final String databases;
  private final TargetWords words;
  private final Map<String, StructureWords> tables = new LinkedHashMap<>();

  /** One index while its columns are read. */
  private record Index(String table, String name, boolean unique, List<String> parts) {}

  private TargetStructure(Connection connection, Collection<String> databases) throws SQLException {
    this.connection = connection;
    this.words = new TargetWords(connection.getMetaData().getDatabaseProductVersion());
    this.databases =
        databases.stream()
            .map(name -> "'" + name.replace("'", "''") + "'")
            .collect(Collectors.joining(",", " IN ('',", ")"));
  }

  /** All tables, views and sequences of some databases, by name. */
  static SortedMap<String, ObjectStructure> read(
      Connection connection, Collection<String> databases) throws SQLException {
    return new TargetStructure(connection, databases).read();
  }

  private SortedMap<String, ObjectStructure> read() throws SQLException {
    SortedMap<String, ObjectStructure> all = new TreeMap<>();
    query(
        "SELECT table_schema, table_name, table_type, table_comment FROM"
            + " information_schema.tables WHERE table_schema",
        "",
        row -> {
          String name = name(row);
          switch (row.getString(3)) {
            case "VIEW" -> all.put(name, other(name, ObjectStructure.Kind.VIEW));
            case "SEQUENCE" -> all.put(name, other(name, ObjectStructure.Kind.SEQUENCE));
            default -> of(name).comment(row.getString(4));
          }
        });
    readColumns(all.keySet());
    readIndexes();
    query(
        "SELECT table_schema, table_name, partition_name FROM information_schema.partitions"
            + " WHERE partition_name IS NOT NULL AND table_schema",
        " ORDER BY table_schema, table_name, partition_ordinal_position",
        row -> of(name(row)).partition(row.getString(3)));
    tables.forEach((name, table) -> all.put(name, table.table(name)));
    return all;
  }

  private static ObjectStructure other(String name, ObjectStructure.Kind kind) {
    return new ObjectStructure(name, kind, new TreeMap<>());
  }

  private void readColumns(Set<String> notTables) throws SQLException {
    Set<String> json = jsonColumns();
    query(
        "SELECT table_schema, table_name, column_name, column_type, collation_name, is_nullable,"
            + " column_default, extra, generation_expression FROM information_schema.columns"
            + " WHERE table_schema",
        " ORDER BY table_schema, table_name, ordinal_position",
        row -> {
          if (!notTables.contains(name(row))) {
            boolean isJson = json.contains(name(row) + "." + row.getString(3));
            of(name(row)).column(column(row, isJson));
          }
        });
  }

  private StructureWords.Column column(ResultSet row, boolean json) throws SQLException {
    String extra = row.getString(8).toLowerCase(java.util.Locale.ROOT);
    boolean generated = extra.contains("virtual") || extra.contains("stored");
    boolean isJson = json || row.getString(4).equalsIgnoreCase("json");
    Optional<String> more =
        generated
            ? Optional.of(StructureWords.generated(text(row, 9).orElse(""), isStored(extra)))
            : extra.contains("on update") || extra.contains("auto_increment")
                ? Optional.of(extra)
                : Optional.empty();
    return new StructureWords.Column(
        row.getString(3),
        words.type(row.getString(4), isJson),
        words.collation(text(row, 5), isJson),
        row.getString(6).equals("YES"),
        generated ? Optional.empty() : words.defaultText(text(row, 7)),
        more);
  }

  private static boolean isStored(String extra) {
    return extra.contains("stored");
  }

  private Set<String> jsonColumns() throws SQLException {
    Set<String> found = new HashSet<>();
    if (connection.getMetaData().getDatabaseProductVersion().contains("MariaDB")) {
      query(
          "SELECT constraint_schema, table_name, constraint_name FROM"
              + " information_schema.check_constraints WHERE check_clause LIKE 'json_valid(%'"
              + " AND constraint_schema",
          "", row -> found.add(name(row) + "." + row.getString(3)));
    }
    return found;
  }

  private void readIndexes() throws SQLException {
    Map<String, Index> indexes = new LinkedHashMap<>();
    query(
        "SELECT table_schema, table_name, index_name, non_unique, column_name, sub_part FROM"
            + " information_schema.statistics WHERE table_schema",
        " ORDER BY table_schema, table_name, index_name, seq_in_index",
        row -> {
          Index index =
              new Index(name(row), row.getString(3), row.getInt(4) == 0, new ArrayList<>());
          String column = text(row, 5).orElse("an expression");
          indexes
              .computeIfAbsent(index.table + "\0" + index.name, key -> index)
              .parts
              .add(StructureWords.part(column, row.getInt(6)));
        });
    indexes.values().forEach(each -> of(each.table).index(each.name, each.unique, each.parts));
  }

  private StructureWords of(String table) {
    return tables.computeIfAbsent(table, name -> new StructureWords());
  }

  private static String name(ResultSet row) throws SQLException {
    return ObjectStructure.name(row.getString(1), row.getString(2));
  }

  private static Optional<String> text(ResultSet row, int at) throws SQLException {
    return Optional.ofNullable(row.getString(at));
  }

  private void query(String upToDatabases, String order, RowReader reader) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(upToDatabases + databases + order)) {
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
