package org.tidbbinlog.sinks.mysql.ddl;

/** Partition lists for servers other than TiDB. */
final class PartitionRules {
  private PartitionRules() {}

  static void rewrite(Rewrite rewrite, int from, int to) {
    for (int i = from; i + 4 < to; i++) {
      // TiDB: VALUES IN (DEFAULT); MariaDB: DEFAULT.
      boolean listDefault =
          rewrite.isMariaDb()
              && rewrite.token(i).is("values")
              && rewrite.token(i + 1).is("in")
              && rewrite.token(i + 2).is("(")
              && rewrite.token(i + 3).is("default")
              && rewrite.token(i + 4).is(")");
      if (listDefault) {
        rewrite.edits.replace(rewrite.token(i).start(), rewrite.token(i + 4).end(), "DEFAULT");
      }
    }
    for (int i = from; i + 1 < to; i++) {
      if (rewrite.token(i).is("update") && rewrite.token(i + 1).is("indexes")) {
        rewrite.drop(i, Clause.behindParenthesis(rewrite.tokens, i + 2, to));
      }
    }
  }
}
