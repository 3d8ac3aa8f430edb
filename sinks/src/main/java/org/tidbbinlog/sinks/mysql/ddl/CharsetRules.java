package org.tidbbinlog.sinks.mysql.ddl;

/** Puts the collation upstream means behind each character set that stands alone. */
final class CharsetRules {
  private CharsetRules() {}

  /** Whether anything between names a character set or a collation. */
  static boolean isNamed(Rewrite rewrite, int from, int to) {
    for (int i = from; i < to; i++) {
      if (rewrite.token(i).is("collate") || charsetName(rewrite, i) >= 0) {
        return true;
      }
    }
    return false;
  }

  static void addCollations(Rewrite rewrite, int from, int to) {
    for (int i = from; i < to; i++) {
      int name = charsetName(rewrite, i);
      if (name < 0 || name >= to || hasCollation(rewrite, name + 1, to)) {
        continue;
      }
      String collation = rewrite.collations.forCharset(plain(rewrite.token(name)));
      if (!collation.isEmpty()) {
        rewrite.edits.insert(rewrite.token(name).end(), " COLLATE " + collation);
      }
    }
  }

  /** Index of the name behind {@code CHARSET} or {@code CHARACTER SET} at {@code index}, or -1. */
  private static int charsetName(Rewrite rewrite, int index) {
    int name;
    if (rewrite.token(index).is("charset")) {
      name = index + 1;
    } else if (rewrite.token(index).is("character") && rewrite.token(index + 1).is("set")) {
      name = index + 2;
    } else {
      return -1;
    }
    return rewrite.token(name).is("=") ? name + 1 : name;
  }

  private static boolean hasCollation(Rewrite rewrite, int from, int to) {
    int depth = 0;
    for (int i = from; i < to; i++) {
      SqlToken token = rewrite.token(i);
      if (token.is("collate")) {
        return true;
      }
      depth += token.is("(") ? 1 : token.is(")") ? -1 : 0;
      if (depth < 0 || (depth == 0 && token.is(","))) {
        return false;
      }
    }
    return false;
  }

  private static String plain(SqlToken token) {
    boolean string = token.kind() == SqlToken.Kind.STRING && token.text().length() > 1;
    return string ? token.text().substring(1, token.text().length() - 1) : token.text();
  }
}
