package org.tidbbinlog.codec.binlog;

/**
 * What a binlog record says; the ordinal is the number on the wire. Source: pump-protocol section
 * 3.
 */
public enum BinlogKind {
  PREWRITE,
  COMMIT,
  ROLLBACK,
  /** Obsolete, never produced. */
  PRE_DDL,
  /** Obsolete, never produced. */
  POST_DDL,
  /** Any other number; to be treated as "not a prewrite". */
  UNKNOWN;

  private static final BinlogKind[] BY_NUMBER = values();

  public static BinlogKind of(int number) {
    return number >= 0 && number < UNKNOWN.ordinal() ? BY_NUMBER[number] : UNKNOWN;
  }
}
