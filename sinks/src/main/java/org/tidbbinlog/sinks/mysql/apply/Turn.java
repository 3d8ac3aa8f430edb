package org.tidbbinlog.sinks.mysql.apply;

/** What becomes of a table's rows when a transaction is handed over in parts. */
public enum Turn {
  /** Unless the target has no such table: then they wait. */
  GOES,
  WAITS,
  /** They were handed over before. */
  WENT,
  /** Somebody chose to do without them while the target has no such table. */
  LEFT_OUT,
  /** As {@link #LEFT_OUT}, unless the target has such a table by now: then they wait. */
  WAITS_ELSE_LEFT_OUT
}
