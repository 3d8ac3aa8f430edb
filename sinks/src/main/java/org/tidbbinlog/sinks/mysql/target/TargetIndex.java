package org.tidbbinlog.sinks.mysql.target;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.tidbbinlog.sinks.mysql.rows.SqlText;

/**
 * An index of a target's table. Read with {@code SHOW INDEX}: TiDB leaves {@code sub_part} of its
 * information schema empty for every index, so that a prefix could not be told from the whole.
 *
 * @param name as the target spells it
 * @param type in upper case: BTREE, HASH, FULLTEXT, SPATIAL
 */
public record TargetIndex(String name, Rule rule, String type, List<UniqueKey.Part> parts) {
  private static final int NO_SUCH_TABLE = 1146;

  public TargetIndex {
    parts = List.copyOf(parts);
  }

  public enum Rule {
    UNIQUE,
    PLAIN
  }

  /** By name; nothing when the target has no such table. */
  public static Optional<List<TargetIndex>> read(
      String schema, String table, TargetTables.Reader reader) throws SQLException {
    List<List<String>> rows;
    try {
      rows = reader.query("show index from " + SqlText.name(schema, table));
    } catch (SQLException e) {
      if (e.getErrorCode() == NO_SUCH_TABLE) {
        return Optional.empty();
      }
      throw e;
    }
    Map<String, TargetIndex> byName = new LinkedHashMap<>();
    for (List<String> row : rows) {
      TargetIndex one = ofRow(row);
      byName.merge(one.name, one, TargetIndex::followedBy);
    }
    return Optional.of(
        byName.values().stream()
            .sorted((a, b) -> String.CASE_INSENSITIVE_ORDER.compare(a.name, b.name))
            .toList());
  }

  /**
   * {@code Table, Non_unique, Key_name, Seq_in_index, Column_name, Collation, Cardinality,
   * Sub_part, Packed, Null, Index_type, …}, parts of an index in their order; all kinds of server
   * agree.
   */
  private static TargetIndex ofRow(List<String> row) {
    int prefix = row.get(7).isEmpty() ? UniqueKey.WHOLE : Integer.parseInt(row.get(7));
    return new TargetIndex(
        row.get(2),
        row.get(1).equals("0") ? Rule.UNIQUE : Rule.PLAIN,
        row.get(10).toUpperCase(Locale.ROOT),
        List.of(new UniqueKey.Part(row.get(4), prefix)));
  }

  private TargetIndex followedBy(TargetIndex next) {
    List<UniqueKey.Part> all = new ArrayList<>(parts);
    all.addAll(next.parts);
    return new TargetIndex(name, rule, type, all);
  }
}
