package org.tidbbinlog.codec.row;

/**
 * What to do with a column that both halves of an updated row lack. Source: mutations section 5.
 */
public enum UpdateGaps {
  /** The row is corrupt. */
  REFUSE,
  /** The table is dropping a column, or the row is older than the table's last DDL: default. */
  FILL_WITH_DEFAULT,
  /**
   * As above, but the column is left out of both images: nobody knows its value, so it can neither
   * find the row nor be written.
   */
  LEAVE_OUT
}
