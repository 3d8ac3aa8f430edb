package org.tidbbinlog.sinks.mysql.ddl;

import java.util.ArrayList;
import java.util.List;

/**
 * A stretch of tokens: a column or key definition, or one change of an ALTER TABLE.
 *
 * @param from index of the first token
 * @param to index behind the last token
 */
record Clause(List<SqlToken> tokens, int from, int to) {
  SqlToken at(int index) {
    return from + index < to ? tokens.get(from + index) : tokens.get(tokens.size() - 1);
  }

  boolean startsWith(String... words) {
    for (int i = 0; i < words.length; i++) {
      if (!at(i).is(words[i])) {
        return false;
      }
    }
    return true;
  }

  boolean has(String word) {
    return tokens.subList(from, to).stream().anyMatch(token -> token.is(word));
  }

  int start() {
    return tokens.get(from).start();
  }

  int end() {
    return tokens.get(to - 1).end();
  }

  /** Index behind the parenthesis that opens at {@code open}, at most {@code to}. */
  static int behindParenthesis(List<SqlToken> tokens, int open, int to) {
    int depth = 0;
    for (int i = open; i < to; i++) {
      if (tokens.get(i).is("(")) {
        depth++;
      } else if (tokens.get(i).is(")") && --depth == 0) {
        return i + 1;
      }
    }
    return to;
  }

  /** The parts between commas that stand in no parenthesis. */
  static List<Clause> split(List<SqlToken> tokens, int from, int to) {
    List<Clause> parts = new ArrayList<>();
    int start = from;
    int depth = 0;
    for (int i = from; i < to; i++) {
      SqlToken token = tokens.get(i);
      if (token.is("(")) {
        depth++;
      } else if (token.is(")")) {
        depth--;
      } else if (token.is(",") && depth == 0) {
        if (i > start) {
          parts.add(new Clause(tokens, start, i));
        }
        start = i + 1;
      }
    }
    if (to > start) {
      parts.add(new Clause(tokens, start, to));
    }
    return parts;
  }
}
