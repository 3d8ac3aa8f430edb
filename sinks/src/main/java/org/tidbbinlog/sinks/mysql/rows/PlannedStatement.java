package org.tidbbinlog.sinks.mysql.rows;

/**
 * A statement and the row count that proves it did what the row images say.
 *
 * @param expectedRows {@link #ANY} when every count is right
 * @param first the first row change in it, for messages
 */
public record PlannedStatement(
    String sql, Kind kind, SqlMode sqlMode, int expectedRows, int rowCount, RowOp first) {
  public static final int ANY = -1;

  /** What the statement does. */
  public enum Kind {
    INSERT,
    REPLACE,
    /** {@code INSERT ... ON DUPLICATE KEY UPDATE} of rows that should be there: counts 2 a row. */
    UPSERT,
    UPDATE,
    DELETE
  }

  /** Which sql_mode it runs under. */
  public enum SqlMode {
    STRICT,
    LENIENT
  }

  /** A miss must be mended before the commit: the count is looked at first. */
  public boolean isCheckedBeforeCommit() {
    return kind == Kind.UPDATE && first.shape().identity().isPresent();
  }
}
