package org.tidbbinlog.sim;

/** The process ends in the middle of a step: passes every handler of exceptions. */
final class PowerCut extends Error {
  private static final long serialVersionUID = 1L;

  /** What ends with it. */
  enum Of {
    /** Everything that was not forced is at risk. */
    MACHINE,
    /** What was written stays. */
    PROCESS
  }

  private final Of of;

  PowerCut(Of of) {
    super("power cut", null, false, false);
    this.of = of;
  }

  Of of() {
    return of;
  }
}
