package org.tidbbinlog.sinks.mysql.target;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.sinks.mysql.rows.SqlText;

/**
 * Structure of the target's tables, read on first use. Keyed by name, so a DDL forgets exactly the
 * names it mentions. Thread-safe. Source: mysql-translate section 2.
 */
public final class TargetTables {
  private static final Logger LOG = LoggerFactory.getLogger(TargetTables.class);

  private record Name(String schema, String table) {}

  private final Map<Name, TargetTable> known = new ConcurrentHashMap<>();

  /** Reads through a session of the caller's. */
  public interface Reader {
    List<List<String>> query(String sql) throws SQLException;
  }

  /**
   * @throws MissingTableException when the target has no such table
   */
  public TargetTable table(String schema, String table, Reader reader) throws SQLException {
    Optional<TargetTable> found = tryTable(schema, table, reader);
    return found.orElseThrow(() -> missing(schema, table));
  }

  /** For who stops when a table is not there. */
  public static MissingTableException missing(String schema, String table) {
    return new MissingTableException(
        "table "
            + SqlText.name(schema, table)
            + " does not exist in the target; create it there, or leave it out with ignore-table");
  }

  /** Empty when the target has no such table; that is not remembered. */
  public Optional<TargetTable> tryTable(String schema, String table, Reader reader)
      throws SQLException {
    TargetTable found = known.get(new Name(schema, table));
    return found == null ? readAgain(schema, table, reader) : Optional.of(found);
  }

  /**
   * As the target has it now, which is known from here on. Empty when it has no such table: then
   * what was known stays, until those who rely on it have been told.
   */
  public Optional<TargetTable> readAgain(String schema, String table, Reader reader)
      throws SQLException {
    TargetTable read = read(schema, table, reader);
    if (read.columns().isEmpty()) {
      return Optional.empty();
    }
    if (read.uniqueKeys().isEmpty()) {
      LOG.atWarn()
          .addKeyValue("table", read.quotedName())
          .log("table without a unique key, rows are found by all their columns");
    }
    known.put(new Name(schema, table), read);
    return Optional.of(read);
  }

  public void forget(String schema, String table) {
    known
        .keySet()
        .removeIf(
            name -> name.schema.equalsIgnoreCase(schema) && name.table.equalsIgnoreCase(table));
  }

  public void forgetSchema(String schema) {
    known.keySet().removeIf(name -> name.schema.equalsIgnoreCase(schema));
  }

  public void forgetAll() {
    known.clear();
  }

  /** Reads the structure now; a table that is not there has no columns. */
  public static TargetTable read(String schema, String table, Reader reader) throws SQLException {
    String where =
        " where table_schema="
            + SqlText.string(schema)
            + " and table_name="
            + SqlText.string(table);
    List<TargetColumn> columns = new ArrayList<>();
    for (List<String> row :
        reader.query(
            "select column_name, data_type, extra, is_nullable, collation_name, numeric_scale,"
                + " column_default is null, numeric_precision from information_schema.columns"
                + where
                + " order by ordinal_position")) {
      columns.add(column(row));
    }
    Optional<List<TargetIndex>> indexes =
        columns.isEmpty() ? Optional.empty() : TargetIndex.read(schema, table, reader);
    if (indexes.isEmpty()) {
      columns.clear();
    }
    List<UniqueKey> keys = uniqueKeys(indexes.orElse(List.of()));
    return TargetTable.of(schema, table, SqlText.name(schema, table), columns, keys);
  }

  private static TargetColumn column(List<String> row) {
    String type = row.get(1).toLowerCase(Locale.ROOT);
    String extra = row.get(2).toUpperCase(Locale.ROOT);
    boolean generated =
        extra.contains("VIRTUAL GENERATED")
            || extra.contains("STORED GENERATED")
            || extra.contains("PERSISTENT GENERATED");
    boolean floating = type.equals("float") || type.equals("double");
    boolean notNull = row.get(3).equalsIgnoreCase("NO");
    boolean needsValue =
        notNull && !generated && !extra.contains("AUTO_INCREMENT") && row.get(6).equals("1");
    return new TargetColumn(
        row.get(0),
        type,
        generated ? TargetColumn.Source.GENERATED : TargetColumn.Source.WRITTEN,
        notNull ? TargetColumn.Nullability.NOT_NULL : TargetColumn.Nullability.NULLABLE,
        needsValue ? TargetColumn.Unsent.REFUSED : TargetColumn.Unsent.TAKEN,
        row.get(4),
        floating && !row.get(5).isEmpty() ? Integer.parseInt(row.get(5)) : -1,
        type.equals("bit") && !row.get(7).isEmpty() ? Integer.parseInt(row.get(7)) : 0);
  }

  /** The primary key first. */
  private static List<UniqueKey> uniqueKeys(List<TargetIndex> indexes) {
    return indexes.stream()
        .filter(index -> index.rule() == TargetIndex.Rule.UNIQUE)
        .map(index -> new UniqueKey(index.name(), index.parts()))
        .sorted(Comparator.comparing(key -> !key.isPrimary()))
        .toList();
  }
}
