package org.tidbbinlog.testkit.workload;

import java.util.ArrayList;
import java.util.List;
import org.tidbbinlog.codec.schema.CiName;
import org.tidbbinlog.codec.schema.ColumnInfo;
import org.tidbbinlog.codec.schema.IndexInfo;
import org.tidbbinlog.codec.schema.PartitionInfo;
import org.tidbbinlog.codec.schema.SchemaState;
import org.tidbbinlog.codec.schema.TableInfo;
import org.tidbbinlog.testkit.schema.TableDraft;

/** A table's structure with one thing changed; offsets follow the columns. */
final class TableEdit {
  private TableEdit() {}

  static TableInfo columns(TableInfo table, List<ColumnInfo> columns) {
    List<ColumnInfo> placed = new ArrayList<>(columns.size());
    for (int i = 0; i < columns.size(); i++) {
      placed.add(ColumnMaker.at(columns.get(i), i, columns.get(i).state()));
    }
    List<IndexInfo> indexes =
        table.indexes().stream().map(index -> moved(index, table.columns(), placed)).toList();
    return TableDraft.of(table).columns(placed).indexes(indexes).done();
  }

  private static IndexInfo moved(IndexInfo index, List<ColumnInfo> before, List<ColumnInfo> after) {
    List<IndexInfo.IndexColumn> columns = new ArrayList<>();
    for (IndexInfo.IndexColumn each : index.columns()) {
      long id = before.get(each.offset()).id();
      int offset = 0;
      while (after.get(offset).id() != id) {
        offset++;
      }
      columns.add(new IndexInfo.IndexColumn(each.name(), offset, each.length()));
    }
    return new IndexInfo(
        index.id(), index.name(), columns, index.state(), index.unique(), index.primary());
  }

  static TableInfo withColumn(TableInfo table, int at, ColumnInfo column) {
    List<ColumnInfo> columns = new ArrayList<>(table.columns());
    columns.add(at, column);
    return columns(table, columns);
  }

  static TableInfo replaceColumn(TableInfo table, int at, ColumnInfo column) {
    List<ColumnInfo> columns = new ArrayList<>(table.columns());
    columns.set(at, column);
    return columns(table, columns);
  }

  static TableInfo withState(TableInfo table, int at, SchemaState state) {
    ColumnInfo column = table.columns().get(at);
    return replaceColumn(table, at, ColumnMaker.at(column, at, state));
  }

  static TableInfo indexes(TableInfo table, List<IndexInfo> indexes) {
    return TableDraft.of(table).indexes(indexes).done();
  }

  static TableInfo partition(TableInfo table, PartitionInfo partition) {
    return TableDraft.of(table).partition(partition).done();
  }

  static TableInfo comment(TableInfo table, String comment) {
    return TableDraft.of(table).comment(comment).done();
  }

  static TableInfo rename(TableInfo table, String name) {
    return table.withIdentity(table.id(), CiName.of(name));
  }

  /** A view or a sequence: it has a name among the tables and no rows. */
  static TableInfo withoutRows(TableInfo.Kind kind, long id, String name) {
    return new TableInfo(
        id,
        CiName.of(name),
        kind,
        TableInfo.Temporary.NONE,
        "utf8mb4",
        ColumnSort.COLLATE,
        List.of(),
        List.of(),
        SchemaState.PUBLIC,
        false,
        false,
        PartitionInfo.NONE,
        "");
  }
}
