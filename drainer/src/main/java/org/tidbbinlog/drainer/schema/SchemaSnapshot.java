package org.tidbbinlog.drainer.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BiConsumer;
import org.tidbbinlog.cluster.schema.SchemaSource.DatabaseDump;
import org.tidbbinlog.cluster.schema.SchemaSource.SchemaDump;
import org.tidbbinlog.codec.schema.CiName;
import org.tidbbinlog.codec.schema.DbInfo;
import org.tidbbinlog.codec.schema.SchemaState;
import org.tidbbinlog.codec.schema.TableInfo;

/**
 * What every id means at one schema version (I5). Immutable: each DDL makes a new snapshot that
 * shares nearly everything with the one before, so stages may keep one as long as they like.
 *
 * <p>Besides live objects it knows ids that are gone but may still come in rows: of truncated
 * tables (such rows are dropped) and of tables whose rows moved to a new id by a partitioning
 * change (such rows belong to the new table). Source: ddl-meta sections 4 and 5.
 */
public final class SchemaSnapshot {
  /** The system database, which new servers create without a job. Source: ddl-meta section 5. */
  private static final DbInfo MYSQL =
      new DbInfo(1, CiName.of("mysql"), "utf8mb4", "utf8mb4_bin", SchemaState.PUBLIC);

  private static final SchemaSnapshot NOTHING =
      new SchemaSnapshot(0, IdMap.empty(), IdMap.empty(), Gone.NONE);

  record Database(DbInfo info, IdMap<Boolean> tableIds) {}

  /** Ids that are not live any more. */
  record Gone(
      IdMap<Boolean> truncated, IdMap<Long> movedTo, IdMap<List<TrackedTable>> droppedSchemas) {
    static final Gone NONE = new Gone(IdMap.empty(), IdMap.empty(), IdMap.empty());
  }

  private final long version;
  private final IdMap<Database> databases;
  private final IdMap<TrackedTable> tables;
  private final Gone gone;

  private SchemaSnapshot(
      long version, IdMap<Database> databases, IdMap<TrackedTable> tables, Gone gone) {
    this.version = version;
    this.databases = databases;
    this.tables = tables;
    this.gone = gone;
  }

  /** Nothing but the system database, at version 0. */
  public static SchemaSnapshot initial() {
    return NOTHING.withDatabase(MYSQL);
  }

  /** What TiKV's meta space held, all tagged with the schema version read with it. */
  public static SchemaSnapshot of(SchemaDump dump) {
    SchemaSnapshot snapshot = initial().withVersion(dump.schemaVersion());
    for (DatabaseDump database : dump.databases()) {
      snapshot = snapshot.withDatabase(database.info());
      for (TableInfo table : database.tables()) {
        if (!DdlEffect.isDdlSystemTable(table.id())) {
          snapshot = snapshot.withTable(database.info().id(), dump.schemaVersion(), table);
        }
      }
    }
    return snapshot;
  }

  /** Version of the newest DDL in this snapshot. */
  public long version() {
    return version;
  }

  public int tableCount() {
    return tables.size();
  }

  public Optional<DbInfo> database(long id) {
    return databases.find(id).map(Database::info);
  }

  /** Names of all databases. */
  public List<String> databaseNames() {
    return databases.values().stream()
        .map(Database::info)
        .map(info -> info.name().original())
        .toList();
  }

  /** Id of the database of that name, in any case. */
  OptionalLong databaseNamed(String name) {
    String lower = CiName.of(name).lower();
    return databases.values().stream()
        .map(Database::info)
        .filter(info -> info.name().lower().equals(lower))
        .mapToLong(DbInfo::id)
        .findFirst();
  }

  /** The table rows of that id belong to. */
  public Optional<TrackedTable> table(long id) {
    Optional<TrackedTable> live = tables.find(id);
    return live.isPresent() ? live : gone.movedTo.find(id).flatMap(this::table);
  }

  /** Whether that id was a table's before a TRUNCATE: its late rows are to be dropped. */
  public boolean isTruncated(long tableId) {
    return gone.truncated.contains(tableId);
  }

  /** Whether rows of that id are to be dropped: truncated, or one of TiDB's DDL tables. */
  public boolean isWithoutRows(long tableId) {
    return isTruncated(tableId) || DdlEffect.isDdlSystemTable(tableId);
  }

  /** Name of the database a table is in; empty when it is unknown. */
  public String databaseNameOf(TrackedTable table) {
    return database(table.databaseId()).map(info -> info.name().original()).orElse("");
  }

  /** Visits all live tables with their ids. */
  public void forEachTable(BiConsumer<Long, TrackedTable> action) {
    tables.forEach(action);
  }

  SchemaSnapshot withVersion(long newVersion) {
    return new SchemaSnapshot(Math.max(version, newVersion), databases, tables, gone);
  }

  /** Adds a database or replaces its record; its tables stay. */
  SchemaSnapshot withDatabase(DbInfo info) {
    IdMap<Boolean> tableIds =
        databases.find(info.id()).map(Database::tableIds).orElse(IdMap.empty());
    return new SchemaSnapshot(
        version, databases.with(info.id(), new Database(info, tableIds)), tables, gone);
  }

  SchemaSnapshot withoutDatabase(long id) {
    List<TrackedTable> lost = tablesIn(id);
    IdMap<TrackedTable> kept = tables;
    for (TrackedTable table : lost) {
      kept = kept.without(table.info().id());
    }
    Gone remembered = new Gone(gone.truncated, gone.movedTo, gone.droppedSchemas.with(id, lost));
    return new SchemaSnapshot(version, databases.without(id), kept, remembered);
  }

  List<TrackedTable> tablesIn(long databaseId) {
    List<TrackedTable> found = new ArrayList<>();
    databases
        .find(databaseId)
        .ifPresent(
            database ->
                database.tableIds.forEach(
                    (tableId, present) -> tables.find(tableId).ifPresent(found::add)));
    return found;
  }

  /** Tables of a dropped database, as they were when it was dropped. */
  List<TrackedTable> tablesOfDropped(long databaseId) {
    return gone.droppedSchemas.find(databaseId).orElse(List.of());
  }

  /** Adds a table or gives it a new structure, name or database. */
  SchemaSnapshot withTable(long databaseId, long schemaVersion, TableInfo info) {
    Optional<TrackedTable> present = tables.find(info.id());
    TrackedTable next =
        present
            .map(table -> table.changed(databaseId, schemaVersion, info))
            .orElseGet(() -> TrackedTable.created(databaseId, schemaVersion, info));
    IdMap<Database> owners = databases;
    if (present.isPresent() && present.get().databaseId() != databaseId) {
      owners = disown(owners, present.get().databaseId(), info.id());
    }
    return new SchemaSnapshot(
        version, own(owners, databaseId, info.id()), tables.with(info.id(), next), gone);
  }

  SchemaSnapshot withoutTable(long id) {
    return tables
        .find(id)
        .map(
            table ->
                new SchemaSnapshot(
                    version, disown(databases, table.databaseId(), id), tables.without(id), gone))
        .orElse(this);
  }

  SchemaSnapshot withTruncated(long oldTableId) {
    Gone more = new Gone(gone.truncated.with(oldTableId, true), gone.movedTo, gone.droppedSchemas);
    return new SchemaSnapshot(version, databases, tables, more);
  }

  SchemaSnapshot withMoved(long oldTableId, long newTableId) {
    Gone more =
        new Gone(gone.truncated, gone.movedTo.with(oldTableId, newTableId), gone.droppedSchemas);
    return new SchemaSnapshot(version, databases, tables, more);
  }

  SchemaSnapshot withColumnDrop(long tableId) {
    return tables
        .find(tableId)
        .map(
            table ->
                new SchemaSnapshot(
                    version, databases, tables.with(tableId, table.droppingColumn()), gone))
        .orElse(this);
  }

  private static IdMap<Database> own(IdMap<Database> databases, long databaseId, long tableId) {
    return databases
        .find(databaseId)
        .map(
            owner ->
                databases.with(
                    databaseId, new Database(owner.info, owner.tableIds.with(tableId, true))))
        .orElse(databases);
  }

  private static IdMap<Database> disown(IdMap<Database> databases, long databaseId, long tableId) {
    return databases
        .find(databaseId)
        .map(
            owner ->
                databases.with(
                    databaseId, new Database(owner.info, owner.tableIds.without(tableId))))
        .orElse(databases);
  }
}
