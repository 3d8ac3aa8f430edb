package org.tidbbinlog.sinks.mysql.ddl;

/**
 * CHECK constraints for MariaDB, whose rules always hold: it has no word for it, and a rule that
 * need not hold is none.
 */
final class CheckRules {
  private static final String UNENFORCED = "constraint that is not enforced";

  private CheckRules() {}

  /** A definition: {@code [CONSTRAINT x] CHECK (…) [NOT] ENFORCED}, or a column that has one. */
  static void rewrite(Rewrite rewrite, Clause clause) {
    if (!rewrite.isMariaDb()) {
      return;
    }
    for (int i = clause.from(); i < clause.to(); i++) {
      if (!rewrite.token(i).is("enforced")) {
        continue;
      }
      int check = rewrite.token(i - 1).is("not") ? check(clause, i) : i;
      if (check < i) {
        rewrite.skip(check, i + 1, UNENFORCED);
      } else {
        rewrite.drop(i, i + 1);
      }
    }
  }

  /** Where the rule begins that ends in {@code NOT ENFORCED}. */
  private static int check(Clause clause, int enforced) {
    int at = enforced;
    while (at > clause.from() && !clause.tokens().get(at).is("check")) {
      at--;
    }
    boolean named = at - 2 >= clause.from() && clause.tokens().get(at - 2).is("constraint");
    boolean bare = at > clause.from() && clause.tokens().get(at - 1).is("constraint");
    return named ? at - 2 : bare ? at - 1 : at;
  }

  /** A whole definition that is a rule which need not hold. */
  static boolean isUnenforced(Rewrite rewrite, Clause definition) {
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

  /** {@code ALTER CONSTRAINT x ENFORCED}: what the rule was is not known any more. */
  static boolean isEnforcedAgain(Rewrite rewrite, Clause clause) {
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

  static boolean isAlter(Clause clause) {
    return clause.startsWith("alter", "constraint") || clause.startsWith("alter", "check");
  }

  /** {@code ALTER CONSTRAINT x NOT ENFORCED} and {@code DROP CHECK x}: it is gone. */
  static void drop(Rewrite rewrite, Clause clause) {
    boolean gone = isAlter(clause) || clause.startsWith("drop", "check");
    if (rewrite.isMariaDb() && gone) {
      String name = rewrite.sql.substring(clause.at(2).start(), clause.at(2).end());
      rewrite.edits.replace(clause.start(), clause.end(), "DROP CONSTRAINT " + name);
    }
  }
}
