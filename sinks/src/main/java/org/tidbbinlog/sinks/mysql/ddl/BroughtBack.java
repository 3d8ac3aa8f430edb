package org.tidbbinlog.sinks.mysql.ddl;

import java.util.List;

/**
 * What became of a RECOVER or FLASHBACK.
 *
 * @param gone names of tables that are neither kept nor in their place; then nothing was moved
 */
record BroughtBack(State state, List<String> gone) {
  static final BroughtBack DONE = new BroughtBack(State.DONE, List.of());
  static final BroughtBack NOTHING_KEPT = new BroughtBack(State.NOTHING_KEPT, List.of());

  /** How much of what is wanted there was. */
  enum State {
    DONE,
    NOTHING_KEPT,
    PART_GONE
  }

  BroughtBack {
    gone = List.copyOf(gone);
  }

  static BroughtBack without(List<String> gone) {
    return new BroughtBack(State.PART_GONE, gone);
  }
}
