package org.tidbbinlog.drainer.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.codec.ddl.DdlJob;
import org.tidbbinlog.codec.schema.CiName;
import org.tidbbinlog.codec.schema.DbInfo;
import org.tidbbinlog.codec.schema.PartitionInfo;
import org.tidbbinlog.codec.schema.SchemaState;
import org.tidbbinlog.codec.schema.TableInfo;

/**
 * What each kind of finished DDL job does to a snapshot. Applying a job to a snapshot that already
 * holds its result changes nothing that matters: a snapshot read from TiKV may be one step ahead of
 * the binlogs. Source: ddl-meta sections 4, 5 and 7.
 */
final class SchemaChange {
  private SchemaChange() {}

  /** The snapshot after {@code job}, which must be finished. */
  static SchemaSnapshot apply(SchemaSnapshot before, DdlJob job, UnknownActions policy) {
    if (DdlEffect.isDdlSystemTable(job.tableId())) {
      return before.withVersion(job.schemaVersion());
    }
    return change(before, job, policy).withVersion(job.schemaVersion());
  }

  static boolean isUnknown(DdlJob job) {
    return switch (job.action()) {
      case UNKNOWN, NONE, UNUSED_66, ALTER_TABLE_ALTER_PARTITION -> true;
      default -> false;
    };
  }

  private static SchemaSnapshot change(SchemaSnapshot before, DdlJob job, UnknownActions policy) {
    return switch (job.action()) {
      case CREATE_SCHEMA, MODIFY_SCHEMA_CHARSET, MODIFY_SCHEMA_DEFAULT_PLACEMENT ->
          withDatabase(before, job);
      case DROP_SCHEMA -> before.withoutDatabase(job.schemaId());
      case RECOVER_SCHEMA -> recoverSchema(before, job);
      case CREATE_TABLE, CREATE_SEQUENCE, RECOVER_TABLE, RENAME_TABLE -> withJobTable(before, job);
      case CREATE_VIEW -> withJobTable(withoutReplacedView(before, job), job);
      case DROP_TABLE, DROP_VIEW, DROP_SEQUENCE -> before.withoutTable(job.tableId());
      case TRUNCATE_TABLE -> truncate(before, job);
      case RENAME_TABLES -> MultiRename.apply(before, job);
      case EXCHANGE_TABLE_PARTITION -> exchangePartition(before, job);
      case CREATE_TABLES -> createTables(before, job);
      case ALTER_TABLE_PARTITIONING, REMOVE_PARTITIONING -> repartition(before, job);
      case LOCK_TABLE,
          UNLOCK_TABLE,
          UPDATE_TIFLASH_REPLICA_STATUS,
          ALTER_TABLE_ATTRIBUTES,
          ALTER_PARTITION_ATTRIBUTES,
          CREATE_PLACEMENT_POLICY,
          ALTER_PLACEMENT_POLICY,
          DROP_PLACEMENT_POLICY,
          ALTER_PARTITION_PLACEMENT,
          ALTER_TABLE_PLACEMENT,
          ALTER_CACHE_TABLE,
          ALTER_NOCACHE_TABLE,
          FLASHBACK_CLUSTER,
          CREATE_RESOURCE_GROUP,
          ALTER_RESOURCE_GROUP,
          DROP_RESOURCE_GROUP ->
          before;
      case UNKNOWN, NONE, UNUSED_66, ALTER_TABLE_ALTER_PARTITION -> unknown(before, job, policy);
      case ADD_COLUMN,
          DROP_COLUMN,
          ADD_INDEX,
          DROP_INDEX,
          ADD_FOREIGN_KEY,
          DROP_FOREIGN_KEY,
          MODIFY_COLUMN,
          REBASE_AUTO_ID,
          SET_DEFAULT_VALUE,
          SHARD_ROW_ID,
          MODIFY_TABLE_COMMENT,
          RENAME_INDEX,
          ADD_TABLE_PARTITION,
          DROP_TABLE_PARTITION,
          MODIFY_TABLE_CHARSET,
          TRUNCATE_TABLE_PARTITION,
          REPAIR_TABLE,
          SET_TIFLASH_REPLICA,
          ADD_PRIMARY_KEY,
          DROP_PRIMARY_KEY,
          ALTER_SEQUENCE,
          ADD_COLUMNS,
          DROP_COLUMNS,
          MODIFY_AUTO_ID_CACHE,
          REBASE_AUTO_RANDOM_BASE,
          ALTER_INDEX_VISIBILITY,
          ADD_CHECK_CONSTRAINT,
          DROP_CHECK_CONSTRAINT,
          ALTER_CHECK_CONSTRAINT,
          DROP_INDEXES,
          ALTER_STATS_OPTIONS,
          MULTI_SCHEMA_CHANGE,
          REORGANIZE_PARTITION,
          ALTER_TTL_INFO,
          REMOVE_TTL ->
          withJobTable(before, job);
    };
  }

  private static SchemaSnapshot withDatabase(SchemaSnapshot before, DdlJob job) {
    DbInfo info = job.dbInfo();
    return info == null ? before : before.withDatabase(info);
  }

  /** Adds or replaces the job's table under the job's database. */
  private static SchemaSnapshot withJobTable(SchemaSnapshot before, DdlJob job) {
    TableInfo info = job.tableInfo();
    return info == null
        ? before
        : withOwner(before, job).withTable(job.schemaId(), job.schemaVersion(), info);
  }

  /** A restore may have brought databases without their jobs: the job's own words then do. */
  private static SchemaSnapshot withOwner(SchemaSnapshot before, DdlJob job) {
    if (before.database(job.schemaId()).isPresent() || job.schemaName().isEmpty()) {
      return before;
    }
    return before.withDatabase(
        new DbInfo(
            job.schemaId(),
            CiName.of(job.schemaName()),
            "utf8mb4",
            "utf8mb4_bin",
            SchemaState.PUBLIC));
  }

  /** CREATE OR REPLACE VIEW gives a new id; nothing says what became of the old one. */
  private static SchemaSnapshot withoutReplacedView(SchemaSnapshot before, DdlJob job) {
    TableInfo view = job.tableInfo();
    if (view == null) {
      return before;
    }
    SchemaSnapshot after = before;
    for (TrackedTable other : before.tablesIn(job.schemaId())) {
      if (other.info().kind() == TableInfo.Kind.VIEW
          && other.info().name().lower().equals(view.name().lower())) {
        after = after.withoutTable(other.info().id());
      }
    }
    return after;
  }

  private static SchemaSnapshot truncate(SchemaSnapshot before, DdlJob job) {
    TableInfo info = job.tableInfo();
    SchemaSnapshot after = before;
    if (info == null || info.id() != job.tableId()) {
      after = before.withoutTable(job.tableId()).withTruncated(job.tableId());
    }
    return withJobTable(after, job);
  }

  private static SchemaSnapshot createTables(SchemaSnapshot before, DdlJob job) {
    SchemaSnapshot after = withOwner(before, job);
    for (TableInfo info : job.multipleTables()) {
      after = after.withTable(job.schemaId(), job.schemaVersion(), info);
    }
    return after;
  }

  /** The table keeps its name and gets the id it was rebuilt under. */
  private static SchemaSnapshot repartition(SchemaSnapshot before, DdlJob job) {
    TableInfo info = job.tableInfo();
    if (info == null || info.id() == job.tableId()) {
      return withJobTable(before, job);
    }
    return withJobTable(before.withoutTable(job.tableId()), job)
        .withMoved(job.tableId(), info.id());
  }

  /**
   * The plain table takes over the partition's id, the partition takes over the table's; {@code
   * tableInfo} is the partitioned table afterwards.
   */
  private static SchemaSnapshot exchangePartition(SchemaSnapshot before, DdlJob job) {
    TableInfo partitioned = job.tableInfo();
    if (partitioned == null) {
      return before;
    }
    long partitionedDb =
        before.table(partitioned.id()).map(TrackedTable::databaseId).orElse(job.schemaId());
    Optional<TrackedTable> plain = before.table(job.tableId());
    long newId = exchangedPartitionId(before, job, partitioned);
    SchemaSnapshot after = before.withTable(partitionedDb, job.schemaVersion(), partitioned);
    if (plain.isEmpty() || newId == 0 || plain.get().info().id() != job.tableId()) {
      return after;
    }
    TableInfo table = plain.get().info();
    return after
        .withoutTable(job.tableId())
        .withTable(
            plain.get().databaseId(), job.schemaVersion(), table.withIdentity(newId, table.name()));
  }

  /**
   * From the arguments; finished jobs of newer servers carry none, then the partition that left.
   */
  private static long exchangedPartitionId(
      SchemaSnapshot before, DdlJob job, TableInfo partitioned) {
    JsonNode args = job.rawArgs();
    if (args.isArray() && args.size() > 0 && args.get(0).canConvertToLong()) {
      return args.get(0).asLong();
    }
    List<Long> left = new ArrayList<>();
    before
        .table(partitioned.id())
        .ifPresent(
            old -> old.info().partition().definitions().forEach(each -> left.add(each.id())));
    left.removeAll(
        partitioned.partition().definitions().stream().map(PartitionInfo.Definition::id).toList());
    return left.size() == 1 ? left.get(0) : 0;
  }

  private static SchemaSnapshot recoverSchema(SchemaSnapshot before, DdlJob job) {
    DbInfo info = job.dbInfo();
    if (info == null) {
      return before;
    }
    List<TableInfo> tables = RecoveredTables.of(job);
    if (tables.isEmpty()) {
      tables = before.tablesOfDropped(info.id()).stream().map(TrackedTable::info).toList();
    }
    SchemaSnapshot after = before.withDatabase(info);
    for (TableInfo table : tables) {
      after = after.withTable(info.id(), job.schemaVersion(), table);
    }
    return after;
  }

  private static SchemaSnapshot unknown(SchemaSnapshot before, DdlJob job, UnknownActions policy) {
    if (job.tableInfo() != null || policy != UnknownActions.STOP) {
      return withJobTable(before, job);
    }
    throw new OperatorException(
        "DDL job "
            + job.id()
            + " has the unknown action "
            + job.actionNumber()
            + " ("
            + job.action()
            + ") and carries no table: its effect cannot be known; if it changes no table that is"
            + " replicated, add the commit ts of its binlog to ignore-txn-commit-ts, or set"
            + " syncer.unknown-ddl-action = \"ignore\"");
  }
}
