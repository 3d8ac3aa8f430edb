package org.tidbbinlog.sinks.mysql.ddl;

/** Columns and keys as another server writes them. */
final class DefinitionRules {
  private DefinitionRules() {}

  /** A key over an expression, which MariaDB does not have. */
  static boolean isFunctionalKey(Clause clause) {
    for (int i = clause.from(); i + 1 < clause.to(); i++) {
      boolean keyWord =
          clause.tokens().get(i).is("index")
              || clause.tokens().get(i).is("key")
              || clause.tokens().get(i).is("unique");
      if (keyWord) {
        return opensExpression(clause, i + 1);
      }
      if (clause.tokens().get(i).is("(")) {
        return false;
      }
    }
    return false;
  }

  /** Whether the key's column list holds a parenthesis that is a part of its own. */
  static boolean opensExpression(Clause clause, int from) {
    int depth = 0;
    for (int i = from; i < clause.to(); i++) {
      SqlToken token = clause.tokens().get(i);
      boolean startsPart = clause.tokens().get(i - 1).is("(") || clause.tokens().get(i - 1).is(",");
      if (token.is("(")) {
        if (depth == 1 && startsPart) {
          return true;
        }
        depth++;
      } else if (token.is(")") && --depth == 0) {
        return false;
      }
    }
    return false;
  }

  /** {@code [CONSTRAINT x] PRIMARY|UNIQUE|KEY|INDEX|FULLTEXT|SPATIAL|FOREIGN|CHECK}. */
  static boolean isKey(Clause clause) {
    int i = 0;
    if (clause.at(0).is("constraint")) {
      i = clause.at(1).isName() && !isKeyWord(clause.at(1)) ? 2 : 1;
    }
    return isKeyWord(clause.at(i));
  }

  static boolean isKeyWord(SqlToken token) {
    return token.is("primary")
        || token.is("unique")
        || token.is("key")
        || token.is("index")
        || token.is("fulltext")
        || token.is("spatial")
        || token.is("foreign")
        || token.is("check");
  }

  static void rewriteKey(Rewrite rewrite, Clause clause) {
    CheckRules.rewriteKey(rewrite, clause);
    for (int i = clause.from(); i < clause.to(); i++) {
      SqlToken token = rewrite.token(i);
      if (token.is("clustered") || token.is("nonclustered") || token.is("global")) {
        rewrite.drop(i, i + 1);
      } else if (token.is("invisible") || token.is("visible")) {
        visibility(rewrite, i);
      }
    }
  }

  /** {@code INVISIBLE} is MariaDB's {@code IGNORED}; {@code VISIBLE} is what all indexes are. */
  static void visibility(Rewrite rewrite, int index) {
    SqlToken token = rewrite.token(index);
    if (!rewrite.isMariaDb()) {
      return;
    }
    if (token.is("invisible") && rewrite.dialect.isAtLeast(10, 6)) {
      rewrite.edits.replace(token.start(), token.end(), "IGNORED");
    } else if (token.is("invisible")) {
      rewrite.skip(index, index + 1, "INVISIBLE of an index");
    } else {
      rewrite.drop(index, index + 1);
    }
  }

  /**
   * @param lead what stands before one more definition: {@code ", "} or {@code ", ADD "}
   */
  static void rewriteColumn(Rewrite rewrite, Clause clause, String lead) {
    CheckRules.rewriteColumn(rewrite, clause, lead);
    boolean generated = isGenerated(clause);
    int depth = 0;
    for (int i = clause.from() + 1; i < clause.to(); i++) {
      SqlToken token = rewrite.token(i);
      depth += token.is("(") ? 1 : token.is(")") ? -1 : 0;
      if (depth != 0) {
        continue;
      }
      if (token.is("auto_random")) {
        int end = i + 1;
        if (end < clause.to() && rewrite.token(end).is("(")) {
          end = Clause.behindParenthesis(rewrite.tokens, end, clause.to());
        }
        rewrite.drop(i, end);
      } else if (token.is("clustered") || token.is("nonclustered") || token.is("global")) {
        rewrite.drop(i, i + 1);
      } else if (generated && rewrite.isMariaDb() && token.is("null")) {
        boolean not = rewrite.token(i - 1).is("not");
        rewrite.drop(not ? i - 1 : i, i + 1);
      } else if (token.is("default") && rewrite.token(i + 1).is("nextval")) {
        sequenceDefault(rewrite, i, clause.to());
      } else if (token.is("column_format") || (token.is("storage") && rewrite.isMariaDb())) {
        rewrite.drop(i, i + 2);
      }
    }
  }

  private static void sequenceDefault(Rewrite rewrite, int index, int to) {
    if (!rewrite.isMariaDb()) {
      int end = Clause.behindParenthesis(rewrite.tokens, index + 2, to);
      rewrite.skip(index, end, "DEFAULT NEXTVAL(...)");
    }
  }

  private static boolean isGenerated(Clause clause) {
    for (int i = clause.from() + 1; i + 1 < clause.to(); i++) {
      if (clause.tokens().get(i).is("as") && clause.tokens().get(i + 1).is("(")) {
        return true;
      }
    }
    return false;
  }
}
