package org.tidbbinlog.drainer.schema;

import java.util.ArrayList;
import java.util.List;

/**
 * Splits a statement into words, quoted names and single punctuation marks; comments are left out.
 * Enough to read names off a statement, not a parser.
 */
public final class SqlWords {
  /** What a word is. */
  public enum Kind {
    WORD,
    QUOTED,
    MARK
  }

  /** One word; quotes are taken off. */
  public record Word(Kind kind, String text) {}

  private final String sql;
  private final List<Word> words = new ArrayList<>();
  private int at;

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
      skipTo("*/");
    } else if (c == '#' || sql.startsWith("-- ", at)) {
      skipTo("\n");
    } else if (c == '`' || c == '"' || c == '\'') {
      quoted(c);
    } else if (isWordPart(c)) {
      int start = at;
      while (at < sql.length() && isWordPart(sql.charAt(at))) {
        at++;
      }
      words.add(new Word(Kind.WORD, sql.substring(start, at)));
    } else {
      words.add(new Word(Kind.MARK, String.valueOf(c)));
      at++;
    }
  }

  private void skipTo(String end) {
    int found = sql.indexOf(end, at);
    at = found < 0 ? sql.length() : found + end.length();
  }

  private void quoted(char quote) {
    StringBuilder text = new StringBuilder();
    at++;
    while (at < sql.length()) {
      char c = sql.charAt(at++);
      if (c == quote) {
        if (at < sql.length() && sql.charAt(at) == quote) {
          at++;
        } else {
          break;
        }
      }
      text.append(c);
    }
    words.add(new Word(Kind.QUOTED, text.toString()));
  }

  private static boolean isWordPart(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '$' || c > 0x7f;
  }
}
