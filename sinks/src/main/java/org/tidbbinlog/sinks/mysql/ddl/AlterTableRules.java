package org.tidbbinlog.sinks.mysql.ddl;

import java.util.List;

/** ALTER TABLE for servers other than TiDB: clause by clause. */
final class AlterTableRules {
  private AlterTableRules() {}

  /** False when nothing of the statement is left. */
  static boolean rewrite(Rewrite rewrite, int body) {
    int end = rewrite.tokens.size() - 1;
    if (rewrite.token(end - 1).is(";")) {
      end--;
    }
    List<Clause> clauses = Clause.split(rewrite.tokens, body, end);
    int firstKept = 0;
    boolean anything = false;
    for (int i = 0; i < clauses.size(); i++) {
      if (isUnknownHere(rewrite, clauses.get(i))) {
        rewrite.dropClause(clauses, i, firstKept);
        firstKept = firstKept == i ? i + 1 : firstKept;
      } else {
        anything = true;
        clause(rewrite, clauses.get(i));
      }
    }
    return anything;
  }

  private static boolean isUnknownHere(Rewrite rewrite, Clause clause) {
    if (clause.startsWith("set", "tiflash")
        || clause.startsWith("remove", "ttl")
        || clause.startsWith("add", "stats_extended")
        || clause.startsWith("compact")
        || clause.startsWith("split")) {
      return true;
    }
    int option = clause.from();
    if (clause.startsWith("partition") && clause.at(1).isName()) {
      option += 2;
    }
    if (clause.startsWith("force", "auto_random_base")) {
      option++;
    }
    // An option that fills the whole clause.
    int behind = option;
    while (behind < clause.to() && OptionRules.behindOption(rewrite, behind) > behind) {
      behind = OptionRules.behindOption(rewrite, behind);
    }
    if (behind >= clause.to()) {
      return true;
    }
    Clause added = new Clause(clause.tokens(), clause.from() + 1, clause.to());
    if (CheckRules.isChangeOfNothing(rewrite, clause)
        || (clause.at(0).is("add") && CheckRules.isLeftOut(rewrite, added))) {
      return true;
    }
    boolean functional =
        rewrite.isMariaDb()
            && clause.at(0).is("add")
            && DefinitionRules.isKey(added)
            && DefinitionRules.isFunctionalKey(clause);
    if (functional) {
      rewrite.skipped.add("index over an expression");
      return true;
    }
    boolean oldVisibility =
        rewrite.isMariaDb()
            && !rewrite.dialect.isAtLeast(10, 6)
            && clause.startsWith("alter", "index");
    if (oldVisibility) {
      rewrite.skipped.add("visibility of an index");
    }
    return oldVisibility;
  }

  private static void clause(Rewrite rewrite, Clause clause) {
    if (clause.startsWith("alter", "index")) {
      indexVisibility(rewrite, clause);
      return;
    }
    if (CheckRules.isChange(clause)) {
      CheckRules.change(rewrite, clause);
      return;
    }
    if (clause.startsWith("force", "auto_increment")) {
      rewrite.drop(clause.from(), clause.from() + 1);
    }
    int first = clause.from() + 1;
    boolean add = clause.at(0).is("add");
    Clause definition = new Clause(clause.tokens(), Math.min(first, clause.to()), clause.to());
    if (add && DefinitionRules.isKey(definition)) {
      DefinitionRules.rewriteKey(rewrite, definition);
    } else if (add || clause.at(0).is("modify") || clause.at(0).is("change")) {
      columns(rewrite, definition);
    }
    CharsetRules.addCollations(rewrite, clause.from(), clause.to());
    PartitionRules.rewrite(rewrite, clause.from(), clause.to());
    OptionRules.rewrite(rewrite, clause.from(), clause.to());
  }

  /** {@code ADD COLUMN (a int, b int, key (a))} or one column. */
  private static void columns(Rewrite rewrite, Clause definition) {
    int from = definition.from();
    from = rewrite.token(from).is("column") ? from + 1 : from;
    if (rewrite.token(from).is("(")) {
      CreateTableRules.definitions(
          rewrite, Clause.split(rewrite.tokens, from + 1, definition.to() - 1));
    } else if (from < definition.to()) {
      DefinitionRules.rewriteColumn(
          rewrite, new Clause(rewrite.tokens, from, definition.to()), ", ADD ");
    }
  }

  private static void indexVisibility(Rewrite rewrite, Clause clause) {
    if (!rewrite.isMariaDb()) {
      return;
    }
    SqlToken last = rewrite.token(clause.to() - 1);
    if (last.is("invisible")) {
      rewrite.edits.replace(last.start(), last.end(), "IGNORED");
    } else if (last.is("visible")) {
      rewrite.edits.replace(last.start(), last.end(), "NOT IGNORED");
    }
  }
}
