package org.tidbbinlog.drainer.schema;

import java.util.ArrayList;
import java.util.List;

/**
 * Splits a statement into words, quoted names, strings and single punctuation marks. Comments are
 * left out, but for what stands in those that servers run. Enough to read names off a statement,
 * not a parser.
 */
public final class SqlWords {
  /** What a word is. */
  public enum Kind {
    WORD,
    /** A name in backticks, or what stands in double quotes. */
    QUOTED,
    STRING,
    MARK
  }

  /**
   * One word; quotes are taken off.
   *
   * @param start offset of its first character
   * @param end offset behind its last
   */
  public record Word(Kind kind, String text, int start, int end) {
    /** Whether it is this keyword or mark, in any case. */
    public boolean is(String keyword) {
      return (kind == Kind.WORD || kind == Kind.MARK) && text.equalsIgnoreCase(keyword);
    }

    public boolean isName() {
      return kind == Kind.WORD || kind == Kind.QUOTED;
    }
  }

  private final String sql;
  private final List<Word> words = new ArrayList<>();
  private int at;
  private int openComments;

  private SqlWords(String sql) {
    this.sql = sql;
  }

  /** All words of {@code sql}. */
  public static List<Word> of(String sql) {
    SqlWords words = new SqlWords(sql);
    while (words.at < sql.length()) {
      words.step();
    }
    return words.words;
  }

  private void step() {
    char c = sql.charAt(at);
    if (Character.isWhitespace(c)) {
      at++;
    } else if (sql.startsWith("/*", at)) {
      comment();
    } else if (openComments > 0 && sql.startsWith("*/", at)) {
      openComments--;
      at += 2;
    } else if (c == '#' || sql.startsWith("-- ", at)) {
      skipTo("\n");
    } else if (c == '`' || c == '"' || c == '\'') {
      quoted(c);
    } else if (isWordPart(c)) {
      int start = at;
      while (at < sql.length() && isWordPart(sql.charAt(at))) {
        at++;
      }
      words.add(new Word(Kind.WORD, sql.substring(start, at), start, at));
    } else {
      words.add(new Word(Kind.MARK, String.valueOf(c), at, at + 1));
      at++;
    }
  }

  /** What TiDB runs of a comment: from MySQL's own sign, or its own with the features' names. */
  private void comment() {
    boolean tidb = sql.startsWith("/*T!", at);
    if (!tidb && !sql.startsWith("/*!", at)) {
      skipTo("*/");
      return;
    }
    openComments++;
    at += tidb ? 4 : 3;
    if (tidb && at < sql.length() && sql.charAt(at) == '[') {
      skipTo("]");
    }
    while (!tidb && at < sql.length() && Character.isDigit(sql.charAt(at))) {
      at++;
    }
  }

  private void skipTo(String end) {
    int found = sql.indexOf(end, at);
    at = found < 0 ? sql.length() : found + end.length();
  }

  private void quoted(char quote) {
    StringBuilder text = new StringBuilder();
    int start = at++;
    while (at < sql.length()) {
      char c = sql.charAt(at++);
      if (c == '\\' && quote != '`' && at < sql.length()) {
        c = sql.charAt(at++);
      } else if (c == quote) {
        if (at < sql.length() && sql.charAt(at) == quote) {
          at++;
        } else {
          break;
        }
      }
      text.append(c);
    }
    Kind kind = quote == '\'' ? Kind.STRING : Kind.QUOTED;
    words.add(new Word(kind, text.toString(), start, at));
  }

  private static boolean isWordPart(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '$' || c > 0x7f;
  }
}
