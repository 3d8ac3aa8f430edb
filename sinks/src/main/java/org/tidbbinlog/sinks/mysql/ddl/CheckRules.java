package org.tidbbinlog.sinks.mysql.ddl;

/**
 * CHECK constraints for servers that have fewer words for them than TiDB.
 *
 * <ul>
 *   <li>MariaDB's rules always hold: it has no word for it, and a rule that need not hold is none.
 *   <li>MySQL before 8.0.16 has no rules. It reads some of their forms and forgets them, and
 *       refuses the others (those with {@code ENFORCED}, those with a name behind a column, any but
 *       the last of a column, all that changes a rule): all are left out.
 *   <li>MySQL before 8.0.19 changes a rule by {@code CHECK x} only, not by {@code CONSTRAINT x}.
 * </ul>
 */
final class CheckRules {
  private static final String RULE = "CHECK constraint";
  private static final String UNENFORCED = "constraint that is not enforced";

  private CheckRules() {}

  private static boolean haveNoEffect(Rewrite rewrite) {
    return rewrite.dialect.isMySqlBefore(8, 0, 16);
  }

  /** A table's own rule: {@code [CONSTRAINT x] CHECK (…) [[NOT] ENFORCED]}. */
  static void rewriteKey(Rewrite rewrite, Clause definition) {
    if (rewrite.isMariaDb() && rewrite.token(definition.to() - 1).is("enforced")) {
      rewrite.drop(definition.to() - 1, definition.to());
    }
  }

  /**
   * A column's rules. MariaDB takes but one, without a name, as the column's last word; so they
   * become rules of the table, which upstream takes them for.
   *
   * @param lead what stands before another definition: {@code ", "} or {@code ", ADD "}
   */
  static void rewriteColumn(Rewrite rewrite, Clause column, String lead) {
    if (!rewrite.isMariaDb() && !haveNoEffect(rewrite)) {
      return;
    }
    StringBuilder rules = new StringBuilder();
    for (int i = column.from(); i < column.to(); i++) {
      if (!rewrite.token(i).is("check") || !rewrite.token(i + 1).is("(")) {
        continue;
      }
      int from = check(column, i);
      int end = Clause.behindParenthesis(rewrite.tokens, i + 1, column.to());
      boolean not = rewrite.token(end).is("not") && rewrite.token(end + 1).is("enforced");
      int behind = not ? end + 2 : rewrite.token(end).is("enforced") ? end + 1 : end;
      if (haveNoEffect(rewrite)) {
        rewrite.skip(from, behind, RULE);
      } else if (not) {
        rewrite.skip(from, behind, UNENFORCED);
      } else {
        rules.append(lead);
        rules.append(rewrite.sql, rewrite.token(from).start(), rewrite.token(end - 1).end());
        rewrite.drop(from, behind);
      }
      i = behind - 1;
    }
    if (!rules.isEmpty()) {
      rewrite.edits.insert(column.end(), rules.toString());
    }
  }

  /** Where the rule begins whose {@code CHECK} is the last one up to {@code inside}. */
  private static int check(Clause clause, int inside) {
    int at = inside;
    while (at > clause.from() && !clause.tokens().get(at).is("check")) {
      at--;
    }
    boolean named = at - 2 >= clause.from() && clause.tokens().get(at - 2).is("constraint");
    boolean bare = at > clause.from() && clause.tokens().get(at - 1).is("constraint");
    return named ? at - 2 : bare ? at - 1 : at;
  }

  /** A whole definition that is a rule the target cannot have. */
  static boolean isLeftOut(Rewrite rewrite, Clause definition) {
    boolean unknown = haveNoEffect(rewrite) && isRule(definition);
    if (unknown) {
      rewrite.skipped.add(RULE);
    }
    return unknown || isUnenforced(rewrite, definition);
  }

  private static boolean isRule(Clause definition) {
    return definition.at(0).is("check")
        || definition.startsWith("constraint", "check")
        || (definition.at(0).is("constraint") && definition.at(2).is("check"));
  }

  /** A whole definition that is a rule which need not hold. */
  private static boolean isUnenforced(Rewrite rewrite, Clause definition) {
    boolean whole =
        rewrite.isMariaDb()
            && definition.to() - definition.from() > 2
            && rewrite.token(definition.to() - 1).is("enforced")
            && rewrite.token(definition.to() - 2).is("not")
            && check(definition, definition.to() - 1) == definition.from();
    if (whole) {
      rewrite.skipped.add(UNENFORCED);
    }
    return whole;
  }

  /** A clause that changes a rule the target does not have. */
  static boolean isChangeOfNothing(Rewrite rewrite, Clause clause) {
    boolean nothing = haveNoEffect(rewrite) && isChange(clause);
    if (nothing) {
      rewrite.skipped.add("change of a " + RULE);
    }
    return nothing || isEnforcedAgain(rewrite, clause);
  }

  /** {@code ALTER CONSTRAINT x ENFORCED}: what the rule was is not known any more. */
  private static boolean isEnforcedAgain(Rewrite rewrite, Clause clause) {
    boolean again =
        rewrite.isMariaDb()
            && isAlter(clause)
            && clause.at(clause.to() - clause.from() - 1).is("enforced")
            && !clause.at(clause.to() - clause.from() - 2).is("not");
    if (again) {
      rewrite.skipped.add("constraint that is enforced again");
    }
    return again;
  }

  private static boolean isAlter(Clause clause) {
    return clause.startsWith("alter", "constraint") || clause.startsWith("alter", "check");
  }

  /** TiDB drops no other constraint by {@code DROP CONSTRAINT}. */
  static boolean isChange(Clause clause) {
    return isAlter(clause)
        || clause.startsWith("drop", "constraint")
        || clause.startsWith("drop", "check");
  }

  /** The clause in the target's words; for MariaDB a rule that need not hold is gone. */
  static void change(Rewrite rewrite, Clause clause) {
    SqlToken word = clause.at(1);
    if (rewrite.isMariaDb() && isAlter(clause)) {
      String name = rewrite.sql.substring(clause.at(2).start(), clause.at(2).end());
      rewrite.edits.replace(clause.start(), clause.end(), "DROP CONSTRAINT " + name);
    } else if (rewrite.isMariaDb()) {
      rewrite.edits.replace(word.start(), word.end(), "CONSTRAINT");
    } else if (rewrite.dialect.isMySqlBefore(8, 0, 19)) {
      rewrite.edits.replace(word.start(), word.end(), "CHECK");
    }
  }
}
