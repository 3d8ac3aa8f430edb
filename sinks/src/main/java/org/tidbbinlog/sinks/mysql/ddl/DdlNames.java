package org.tidbbinlog.sinks.mysql.ddl;

import java.sql.SQLException;
import java.util.List;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.sinks.mysql.rows.SqlText;
import org.tidbbinlog.sinks.mysql.target.SqlSession;

/**
 * Names as the target spells them: TiDB takes {@code T} and {@code t} for one table, other servers
 * on Linux do not.
 */
final class DdlNames {
  private DdlNames() {}

  static String spelled(SqlSession session, DdlPlan plan, SinkItem.Ddl item) throws SQLException {
    // Positions are those of the text before rewriting, so names are looked up by their words.
    String sql = plan.sql();
    for (TableRef table : plan.head().tables()) {
      if (table.existence() != TableRef.Existence.EXISTS) {
        continue;
      }
      List<String> candidates = candidates(session, table.schemaOr(item.schema()), table.table());
      boolean exact = candidates.contains(table.table());
      if (!exact && candidates.size() == 1) {
        sql = replaced(sql, table.table(), candidates.get(0));
      }
    }
    return sql;
  }

  /** The name as the target has it, when it is clear which table is meant. */
  static String atTarget(SqlSession session, String schema, String table) throws SQLException {
    List<String> names = candidates(session, schema, table);
    return names.contains(table) || names.size() != 1 ? table : names.get(0);
  }

  /** Tables whose names differ from the given one at most in case. */
  static List<String> candidates(SqlSession session, String schema, String table)
      throws SQLException {
    return session
        .query(
            "select table_name from information_schema.tables where table_schema="
                + SqlText.string(schema)
                + " and lower(table_name)=lower("
                + SqlText.string(table)
                + ")")
        .stream()
        .map(row -> row.get(0))
        .filter(name -> name.equalsIgnoreCase(table)) // The server may compare without accents.
        .toList();
  }

  private static String replaced(String sql, String from, String to) {
    SqlEdits edits = new SqlEdits(sql);
    for (SqlToken token :
        SqlLexer.tokens(sql, SqlLexer.DoubleQuotes.STRING, SqlLexer.TidbComments.SKIPPED)) {
      if (token.isName() && token.text().equals(from)) {
        edits.replace(token.start(), token.end(), SqlText.name(to));
        break;
      }
    }
    return edits.result();
  }
}
