package org.tidbbinlog.sim;

/** A promise is broken: what the whole simulator is for. */
final class Violation extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param promise number of the invariant, or {@code progress}
   */
  Violation(String promise, String what) {
    super(promise + ": " + what);
  }
}
