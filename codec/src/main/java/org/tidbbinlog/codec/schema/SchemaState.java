package org.tidbbinlog.codec.schema;

/**
 * State of a schema object on its way in or out; the ordinal is the number on the wire. Source:
 * ddl-meta section 2.
 */
public enum SchemaState {
  NONE,
  DELETE_ONLY,
  WRITE_ONLY,
  WRITE_REORG,
  DELETE_REORG,
  PUBLIC,
  REPLICA_ONLY,
  GLOBAL_TXN_ONLY;

  private static final SchemaState[] BY_NUMBER = values();

  public int number() {
    return ordinal();
  }

  /** The state of that number; an unknown number counts as {@link #NONE}. */
  public static SchemaState of(int number) {
    return number >= 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : NONE;
  }
}
