package org.tidbbinlog.drainer.schema;

import org.tidbbinlog.codec.ddl.DdlAction;

/** Which DDL jobs concern a consumer at all. Source: ddl-meta sections 1 and 4. */
public final class DdlEffect {
  /** Ids above belong to the tables TiDB keeps DDL jobs in. */
  private static final long LAST_USER_TABLE_ID = (1L << 48) - 1 - 1000;

  private DdlEffect() {}

  /** Tables that TiDB keeps its DDL jobs in; they are never replicated. */
  public static boolean isDdlSystemTable(long tableId) {
    return tableId > LAST_USER_TABLE_ID;
  }

  /** Actions that neither change what rows mean nor concern a target. */
  public static boolean isNone(DdlAction action) {
    return switch (action) {
      case LOCK_TABLE,
          UNLOCK_TABLE,
          UPDATE_TIFLASH_REPLICA_STATUS,
          ALTER_TABLE_ATTRIBUTES,
          ALTER_PARTITION_ATTRIBUTES,
          CREATE_PLACEMENT_POLICY,
          ALTER_PLACEMENT_POLICY,
          DROP_PLACEMENT_POLICY,
          ALTER_PARTITION_PLACEMENT,
          MODIFY_SCHEMA_DEFAULT_PLACEMENT,
          ALTER_TABLE_PLACEMENT,
          ALTER_CACHE_TABLE,
          ALTER_NOCACHE_TABLE,
          FLASHBACK_CLUSTER,
          CREATE_RESOURCE_GROUP,
          ALTER_RESOURCE_GROUP,
          DROP_RESOURCE_GROUP ->
          true;
      default -> false;
    };
  }
}
