package org.tidbbinlog.drainer.schema;

/** What to do with a DDL action that this version does not know and that names no table. */
public enum UnknownActions {
  /** The target's DDL airlock gets it: held for somebody's choice, or the stop of the sink. */
  HOLD,
  /** Stop with an error that names the job and the way out. */
  STOP,
  /** Go on as if it had no effect; the target does not see it. */
  IGNORE
}
