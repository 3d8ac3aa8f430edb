package org.tidbbinlog.pump.storage;

/** What a request for garbage collection did. */
public enum GcOutcome {
  DONE,
  /** Not above the last mark, not below {@code maxCommitTs}, or no longer allowed. */
  IGNORED,
  /** Another collection runs; it will see the new mark. */
  ALREADY_RUNNING
}
