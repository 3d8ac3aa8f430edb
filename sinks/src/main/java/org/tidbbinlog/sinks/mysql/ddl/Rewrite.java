package org.tidbbinlog.sinks.mysql.ddl;

import java.util.ArrayList;
import java.util.List;
import org.tidbbinlog.sinks.mysql.target.Dialect;

/** One statement under rewriting: its tokens, the changes so far, what was left out. */
final class Rewrite {
  final Dialect dialect;
  final String sql;
  final List<SqlToken> tokens;
  final SqlEdits edits;
  final Collations collations;
  final List<String> skipped = new ArrayList<>();

  Rewrite(Dialect dialect, String sql, List<SqlToken> tokens, Collations collations) {
    this.dialect = dialect;
    this.sql = sql;
    this.tokens = tokens;
    this.collations = collations;
    this.edits = new SqlEdits(sql);
  }

  SqlToken token(int index) {
    return tokens.get(Math.max(0, Math.min(index, tokens.size() - 1)));
  }

  /** Leaves out tokens, silently: the target loses nothing that it could have. */
  void drop(int from, int to) {
    if (to > from) {
      edits.remove(token(from).start(), token(to - 1).end());
    }
  }

  /** Leaves out tokens and says so. */
  void skip(int from, int to, String what) {
    drop(from, to);
    skipped.add(what);
  }

  /** Leaves out one of a list of clauses together with a comma. */
  void dropClause(List<Clause> all, int index, int firstKept) {
    Clause clause = all.get(index);
    int start = clause.start();
    int end = clause.end();
    if (index > firstKept) {
      start = all.get(index - 1).end();
    } else if (index + 1 < all.size()) {
      end = all.get(index + 1).start();
    }
    edits.replace(start, end, "");
  }

  boolean isMariaDb() {
    return dialect.isMariaDb();
  }
}
