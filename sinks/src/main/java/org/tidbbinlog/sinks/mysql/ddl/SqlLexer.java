package org.tidbbinlog.sinks.mysql.ddl;

import java.util.ArrayList;
import java.util.List;

/**
 * Cuts SQL text into tokens and never fails: strings in single and double quotes, names in
 * backticks, {@code --}, {@code #} and block comments. What stands in {@code /*! }{@code ...} is
 * text, since servers run it; {@code /*T! }{@code ...} is text only for TiDB. What is not closed
 * ends with the text.
 */
final class SqlLexer {
  /** What to make of text in double quotes. */
  enum DoubleQuotes {
    STRING,
    NAME
  }

  /** What to make of TiDB's own comments. */
  enum TidbComments {
    SKIPPED,
    TEXT
  }

  private final String sql;
  private final DoubleQuotes doubleQuotes;
  private final TidbComments tidbComments;
  private final List<SqlToken> tokens = new ArrayList<>();
  private int at;
  private int openComments;

  private SqlLexer(String sql, DoubleQuotes doubleQuotes, TidbComments tidbComments) {
    this.sql = sql;
    this.doubleQuotes = doubleQuotes;
    this.tidbComments = tidbComments;
  }

  static List<SqlToken> tokens(String sql, DoubleQuotes quotes, TidbComments comments) {
    return new SqlLexer(sql, quotes, comments).run();
  }

  private List<SqlToken> run() {
    while (at < sql.length()) {
      next();
    }
    tokens.add(new SqlToken(SqlToken.Kind.END, sql.length(), sql.length(), ""));
    return tokens;
  }

  private void next() {
    char c = sql.charAt(at);
    if (Character.isWhitespace(c)) {
      at++;
    } else if (c == '#' || isDashComment()) {
      int end = sql.indexOf('\n', at);
      at = end < 0 ? sql.length() : end + 1;
    } else if (sql.startsWith("/*", at)) {
      comment();
    } else if (openComments > 0 && sql.startsWith("*/", at)) {
      openComments--;
      at += 2;
    } else if (c == '\'') {
      quoted(SqlToken.Kind.STRING, c);
    } else if (c == '"') {
      boolean name = doubleQuotes == DoubleQuotes.NAME;
      quoted(name ? SqlToken.Kind.QUOTED_NAME : SqlToken.Kind.STRING, c);
    } else if (c == '`') {
      quoted(SqlToken.Kind.QUOTED_NAME, c);
    } else if (isWordPart(c)) {
      word();
    } else {
      add(SqlToken.Kind.SYMBOL, at, at + 1, String.valueOf(c));
      at++;
    }
  }

  private boolean isDashComment() {
    return sql.startsWith("--", at) && (at + 2 >= sql.length() || sql.charAt(at + 2) <= ' ');
  }

  private void comment() {
    boolean mariadb = sql.startsWith("/*M!", at);
    boolean own = mariadb || sql.startsWith("/*!", at);
    boolean tidb = sql.startsWith("/*T!", at) && tidbComments == TidbComments.TEXT;
    if (!own && !tidb) {
      int end = sql.indexOf("*/", at + 2);
      at = end < 0 ? sql.length() : end + 2;
      return;
    }
    openComments++;
    at += own && !mariadb ? 3 : 4;
    if (tidb && at < sql.length() && sql.charAt(at) == '[') {
      int end = sql.indexOf(']', at);
      at = end < 0 ? sql.length() : end + 1;
    }
    while (own && at < sql.length() && Character.isDigit(sql.charAt(at))) {
      at++;
    }
  }

  private void quoted(SqlToken.Kind kind, char quote) {
    int start = at++;
    while (at < sql.length()) {
      char c = sql.charAt(at);
      if (c == '\\' && kind == SqlToken.Kind.STRING) {
        at += 2;
      } else if (c != quote) {
        at++;
      } else if (at + 1 < sql.length() && sql.charAt(at + 1) == quote) {
        at += 2;
      } else {
        at++;
        addQuoted(kind, start, at, quote);
        return;
      }
    }
    at = sql.length();
    add(kind, start, at, sql.substring(start, at));
  }

  private void addQuoted(SqlToken.Kind kind, int start, int end, char quote) {
    String inside = sql.substring(start + 1, end - 1);
    String doubled = String.valueOf(quote) + quote;
    boolean name = kind == SqlToken.Kind.QUOTED_NAME;
    String text = name ? inside.replace(doubled, String.valueOf(quote)) : sql.substring(start, end);
    add(kind, start, end, text);
  }

  private void word() {
    int start = at;
    boolean digits = true;
    while (at < sql.length() && isWordPart(sql.charAt(at))) {
      digits &= Character.isDigit(sql.charAt(at));
      at++;
    }
    SqlToken.Kind kind = digits ? SqlToken.Kind.NUMBER : SqlToken.Kind.WORD;
    add(kind, start, at, sql.substring(start, at));
  }

  private static boolean isWordPart(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '$' || c == '@' || c >= 0x80;
  }

  private void add(SqlToken.Kind kind, int start, int end, String text) {
    tokens.add(new SqlToken(kind, start, end, text));
  }
}
