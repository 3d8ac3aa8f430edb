package org.tidbbinlog.sinks.mysql.ddl;

import java.util.Locale;
import org.tidbbinlog.sinks.mysql.target.Dialect;

/** MySQL 8's collations for servers that do not have them: the nearest one they have. */
final class UnknownCollations {
  /** What a server says that does not know a collation. */
  static final int ERROR = 1273;

  private UnknownCollations() {}

  static String replaced(String sql, Dialect dialect) {
    SqlEdits edits = new SqlEdits(sql);
    for (SqlToken token :
        SqlLexer.tokens(sql, SqlLexer.DoubleQuotes.STRING, SqlLexer.TidbComments.SKIPPED)) {
      String name = token.text().replace("'", "").toLowerCase(Locale.ROOT);
      if (name.startsWith("utf8mb4_") && name.contains("0900")) {
        edits.replace(token.start(), token.end(), nearest(name, dialect));
      }
    }
    return edits.result();
  }

  private static String nearest(String name, Dialect dialect) {
    if (name.endsWith("_bin")) {
      return dialect.isMariaDb() ? "utf8mb4_nopad_bin" : "utf8mb4_bin";
    }
    String sensitivity =
        name.endsWith("_as_cs") ? "as_cs" : name.endsWith("_as_ci") ? "as_ci" : "ai_ci";
    if (dialect.isMariaDb() && dialect.isAtLeast(10, 10)) {
      return "utf8mb4_uca1400_nopad_" + sensitivity;
    }
    return dialect.isMariaDb() ? "utf8mb4_unicode_520_nopad_ci" : "utf8mb4_unicode_520_ci";
  }
}
