package org.tidbbinlog.tools.differ;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.schema.SchemaSource.DatabaseDump;
import org.tidbbinlog.cluster.schema.SchemaSource.SchemaDump;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.codec.key.MetaKey;
import org.tidbbinlog.codec.schema.DbInfo;
import org.tidbbinlog.codec.schema.DbInfoJson;
import org.tidbbinlog.codec.schema.TableInfo;
import org.tidbbinlog.codec.schema.TableInfoJson;
import org.tidbbinlog.testkit.workload.MetaWrite;

/**
 * What TiKV's meta space holds at each moment of a history: what its DDL wrote when it committed.
 * The states of a change that has not ended are not in it, nor its last one before its binlog
 * ({@link History#isWithinAChange}). Source: ddl-meta section 6.
 */
final class MetaSpace {
  private final List<Change> changes = new ArrayList<>();

  private record Change(Tso commitTs, MetaWrite write) {}

  /** In commit order. */
  void add(Tso commitTs, Collection<MetaWrite> writes) {
    writes.forEach(write -> changes.add(new Change(commitTs, write)));
  }

  SchemaDump at(Tso ts) {
    Map<MetaKey, Payload> held = new TreeMap<>(MetaSpace::compare);
    for (Change change : changes) {
      if (change.commitTs.isAfter(ts)) {
        break;
      }
      if (change.write.isDelete()) {
        held.remove(change.write.key());
      } else {
        held.put(change.write.key(), change.write.value());
      }
    }
    List<DatabaseDump> databases = new ArrayList<>();
    held.forEach(
        (key, value) -> {
          if (key.name().equals(MetaKey.databases().name())) {
            DbInfo database = DbInfoJson.parse(value.toBytes());
            databases.add(new DatabaseDump(database, tables(held, database.id())));
          }
        });
    Payload version = held.getOrDefault(MetaKey.schemaVersion(), Payload.ofUtf8("0"));
    return new SchemaDump(ts, Long.parseLong(version.utf8()), databases);
  }

  private static List<TableInfo> tables(Map<MetaKey, Payload> held, long databaseId) {
    String name = MetaKey.tablesOf(databaseId).name();
    List<TableInfo> tables = new ArrayList<>();
    held.forEach(
        (key, value) -> {
          if (key.isTable() && key.name().equals(name)) {
            tables.add(TableInfoJson.parse(value.toBytes()));
          }
        });
    return tables;
  }

  private static int compare(MetaKey one, MetaKey other) {
    return java.util.Arrays.compareUnsigned(one.encode(), other.encode());
  }
}
