package org.tidbbinlog.drainer.translate;

import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.tidbbinlog.codec.row.ColumnDefaults;
import org.tidbbinlog.codec.row.RowDecoder;
import org.tidbbinlog.codec.row.UpdateGaps;
import org.tidbbinlog.codec.schema.ColumnFlag;
import org.tidbbinlog.codec.schema.ColumnInfo;
import org.tidbbinlog.codec.schema.IndexInfo;
import org.tidbbinlog.codec.schema.SchemaState;
import org.tidbbinlog.codec.schema.TableInfo;
import org.tidbbinlog.drainer.filter.BinlogFilter;
import org.tidbbinlog.drainer.filter.FilterSettings;
import org.tidbbinlog.drainer.schema.SchemaSnapshot;
import org.tidbbinlog.drainer.schema.SchemaTracker;
import org.tidbbinlog.drainer.schema.TrackedTable;
import org.tidbbinlog.drainer.sink.RowChange;
import org.tidbbinlog.drainer.sink.TableVersion;

/**
 * Keeps what is made once a table version: decoder, names, filter verdict. The least recently used
 * of many tables is forgotten (I10). Owned by the translating thread.
 */
@SuppressWarnings("ReferenceEquality") // snapshots share tables: another object is another version
final class TableReaders {
  private static final int MAX_TABLES = 8192;

  private final SchemaTracker tracker;
  private final BinlogFilter filter;
  private final Map<Long, Reader> readers = new LinkedHashMap<>(64, 0.75f, true);

  private record Reader(
      TrackedTable tracked,
      TableVersion table,
      RowDecoder decoder,
      Map<TableInfo, ColumnDefaults> defaults,
      UpdateGaps gaps,
      Set<RowChange.Kind> kept) {}

  TableReaders(SchemaTracker tracker, BinlogFilter filter) {
    this.tracker = tracker;
    this.filter = filter;
  }

  /** How to read rows that were written under {@code rowVersion}. */
  TableRows rowsOf(SchemaSnapshot schema, TrackedTable tracked, long rowVersion) {
    long id = tracked.info().id();
    Reader reader = readers.get(id);
    if (reader == null || reader.tracked != tracked) {
      reader = read(schema, tracked);
      readers.put(id, reader);
      evict();
    }
    boolean mayMiss = tracked.mayMissColumns(rowVersion) || tracker.columnDropIsAhead(id);
    // A DDL that nothing has told of yet may be taking columns away: they are left alone.
    boolean mayBeUnderWay = rowVersion > tracked.lastDdlVersion();
    UpdateGaps otherwise = mayBeUnderWay ? UpdateGaps.LEAVE_OUT : UpdateGaps.REFUSE;
    return new TableRows(
        reader.table,
        reader.decoder,
        defaults(reader, tracked.defaultsFor(rowVersion)),
        mayMiss ? reader.gaps : otherwise,
        reader.kept);
  }

  private Reader read(SchemaSnapshot schema, TrackedTable tracked) {
    String database = schema.databaseNameOf(tracked);
    String name = tracked.info().name().original();
    Set<RowChange.Kind> kept = filter.keptRows(database, name);
    FilterSettings.TableName target =
        kept.isEmpty()
            ? new FilterSettings.TableName(database, name)
            : filter.routes().table(database, name);
    return new Reader(
        tracked,
        new TableVersion(target.schema(), target.table(), tracked.info(), tracked.lastDdlVersion()),
        new RowDecoder(tracked.info()),
        new IdentityHashMap<>(),
        hasKey(tracked.info()) ? UpdateGaps.FILL_WITH_DEFAULT : UpdateGaps.LEAVE_OUT,
        kept);
  }

  /**
   * Rows without a key of whole columns are found by all their values, so a default in place of a
   * value that nobody knows would find none.
   */
  private static boolean hasKey(TableInfo info) {
    return info.pkIsHandle()
        || info.indexes().stream()
            .filter(index -> index.unique() && index.state() == SchemaState.PUBLIC)
            .anyMatch(index -> index.columns().stream().allMatch(column -> isSure(info, column)));
  }

  private static boolean isSure(TableInfo info, IndexInfo.IndexColumn key) {
    ColumnInfo column = info.columns().get(key.offset());
    return key.length() == IndexInfo.WHOLE_COLUMN
        && column.type().has(ColumnFlag.NOT_NULL)
        && !column.isGenerated();
  }

  private static ColumnDefaults defaults(Reader reader, TableInfo writersTable) {
    return writersTable == reader.decoder.table()
        ? reader.decoder.defaults()
        : reader.defaults.computeIfAbsent(writersTable, reader.decoder::defaultsOf);
  }

  private void evict() {
    if (readers.size() > MAX_TABLES) {
      readers.remove(readers.keySet().iterator().next());
    }
  }
}
