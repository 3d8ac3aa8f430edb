package org.tidbbinlog.sinks.mysql.ddl;

import java.util.List;

/** CREATE TABLE for servers other than TiDB. */
final class CreateTableRules {
  private CreateTableRules() {}

  /**
   * @param body index of the token behind the table's name
   */
  static void rewrite(Rewrite rewrite, int body) {
    int end = rewrite.tokens.size() - 1;
    int options = body;
    if (rewrite.token(body).is("(")) {
      options = Clause.behindParenthesis(rewrite.tokens, body, end);
      definitions(rewrite, Clause.split(rewrite.tokens, body + 1, options - 1));
    }
    int partitions = options;
    while (partitions < end && !rewrite.token(partitions).is("partition")) {
      partitions++;
    }
    OptionRules.rewrite(rewrite, options, end);
    if (!CharsetRules.isNamed(rewrite, options, partitions)) {
      rewrite.edits.insert(rewrite.token(options - 1).end(), rewrite.collations.forNewTable());
    }
    CharsetRules.addCollations(rewrite, body, partitions);
    PartitionRules.rewrite(rewrite, partitions, end);
  }

  /** Columns and keys between parentheses. */
  static void definitions(Rewrite rewrite, List<Clause> clauses) {
    int firstKept = 0;
    for (int i = 0; i < clauses.size(); i++) {
      Clause clause = clauses.get(i);
      boolean key = DefinitionRules.isKey(clause);
      if (key && rewrite.isMariaDb() && DefinitionRules.isFunctionalKey(clause)) {
        rewrite.dropClause(clauses, i, firstKept);
        rewrite.skipped.add("index over an expression");
        firstKept = firstKept == i ? i + 1 : firstKept;
      } else if (key && CheckRules.isLeftOut(rewrite, clause)) {
        rewrite.dropClause(clauses, i, firstKept);
        firstKept = firstKept == i ? i + 1 : firstKept;
      } else if (key) {
        DefinitionRules.rewriteKey(rewrite, clause);
      } else {
        DefinitionRules.rewriteColumn(rewrite, clause, ", ");
      }
    }
  }
}
