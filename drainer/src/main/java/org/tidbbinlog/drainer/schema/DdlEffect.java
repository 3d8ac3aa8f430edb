package org.tidbbinlog.drainer.schema;

/** Which tables concern a consumer at all. Source: ddl-meta section 1. */
public final class DdlEffect {
  /** Ids above belong to the tables TiDB keeps DDL jobs in. */
  private static final long LAST_USER_TABLE_ID = (1L << 48) - 1 - 1000;

  private DdlEffect() {}

  /** Tables that TiDB keeps its DDL jobs in; they are never replicated. */
  public static boolean isDdlSystemTable(long tableId) {
    return tableId > LAST_USER_TABLE_ID;
  }
}
