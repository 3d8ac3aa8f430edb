package org.tidbbinlog.sinks.mysql.apply;

/** How the rows of one target transaction go to the target. */
enum Pace {
  /** Many rows a statement, many statements a packet. */
  TOGETHER,
  /**
   * One row a statement, one statement a packet: what is wrong at the target shows as one row, and
   * is mended before the next.
   */
  ROW_BY_ROW
}
