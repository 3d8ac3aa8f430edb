package org.tidbbinlog.sinks.mysql.apply;

/** What becomes of a table's rows when a transaction is handed over in parts. */
public enum Turn {
  GOES,
  WAITS,
  /** They were handed over before. */
  WENT
}
