package org.tidbbinlog.sim;

/** Watches over one invariant; looks after every event. */
interface Checker {
  /**
   * @throws Violation when the invariant does not hold
   */
  void afterEvent();

  /** A Pump's store was opened, after whatever end it had. */
  default void opened(SimPump pump) {}

  /** TiKV has committed a transaction. */
  default void committed(Transaction transaction) {}
}
