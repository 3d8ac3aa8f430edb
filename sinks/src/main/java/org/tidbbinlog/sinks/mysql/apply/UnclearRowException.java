package org.tidbbinlog.sinks.mysql.apply;

/**
 * A row count contradicts the row images, and it takes {@link Pace#ROW_BY_ROW} to say which row it
 * is or to mend it in its place. The target transaction is not committed.
 */
final class UnclearRowException extends Exception {
  private static final long serialVersionUID = 1;

  UnclearRowException() {
    super("row count contradicts the row images", null, false, false);
  }
}
