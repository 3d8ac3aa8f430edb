package org.tidbbinlog.sinks.mysql.rows;

import org.tidbbinlog.drainer.sink.RowChange;

/**
 * A statement and the row count that proves it did what the row images say.
 *
 * @param expectedRows {@link #ANY} when every count is right
 * @param first the change that leaves the first row as it is after the statement
 * @param firstBefore the change that says what the first row was before; with {@code first} it may
 *     be the first and the last of several that were folded
 */
public record PlannedStatement(
    String sql,
    Kind kind,
    SqlMode sqlMode,
    int expectedRows,
    int rowCount,
    RowOp first,
    RowOp firstBefore) {
  public static final int ANY = -1;

  /** Of rows that one change each is about. */
  public PlannedStatement(
      String sql, Kind kind, SqlMode sqlMode, int expectedRows, int rowCount, RowOp first) {
    this(sql, kind, sqlMode, expectedRows, rowCount, first, first);
  }

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

  /** A miss must be mended before anything else is done to the row. */
  public boolean isMendedWhenMissed() {
    return kind == Kind.UPDATE && first.shape().identity().isPresent();
  }

  /** A wrong count does not say which row it is. */
  public boolean mayMissOneOfSeveral() {
    return rowCount > 1 && (kind == Kind.DELETE || kind == Kind.UPSERT);
  }

  /** Whether a key that is there already is what the statement may meet. */
  public boolean mayMeetDuplicates() {
    return kind == Kind.INSERT || kind == Kind.UPDATE;
  }

  /** The first row, as statements look for it; bounded. */
  public String firstKeyBefore() {
    RowChange change = firstBefore.change();
    return RowName.of(
        firstBefore.shape(),
        switch (change.kind()) {
          case INSERT -> ((RowChange.Insert) change).after();
          case UPDATE -> ((RowChange.Update) change).before();
          case DELETE -> ((RowChange.Delete) change).before();
        });
  }

  /** The first row, as it will be; bounded. */
  public String firstKeyAfter() {
    RowChange change = first.change();
    return RowName.of(
        first.shape(),
        switch (change.kind()) {
          case INSERT -> ((RowChange.Insert) change).after();
          case UPDATE -> ((RowChange.Update) change).after();
          case DELETE -> ((RowChange.Delete) change).before();
        });
  }
}
