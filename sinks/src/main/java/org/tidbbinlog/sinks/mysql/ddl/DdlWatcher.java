package org.tidbbinlog.sinks.mysql.ddl;

/**
 * Told where the execution of a DDL stands. What it throws ends the Drainer's work at that point,
 * as a crash would: how tests show that no point is a wrong one to die at.
 */
@FunctionalInterface
public interface DdlWatcher {
  /** Points at which the ledger and the target may differ. */
  enum Step {
    /** The target was looked at; nothing is written yet. */
    BEFORE_INTENT,
    /** The ledger says that the statement is about to run. */
    AFTER_INTENT,
    /** The statement has run; the ledger does not know yet. */
    AFTER_STATEMENT,
    /** The ledger says that the whole job has run. */
    AFTER_DONE
  }

  DdlWatcher NONE = (step, statement) -> {};

  /**
   * @param statement position of the statement in its job, from 0
   */
  void reached(Step step, int statement);
}
