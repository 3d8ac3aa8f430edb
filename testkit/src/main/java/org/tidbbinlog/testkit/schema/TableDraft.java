package org.tidbbinlog.testkit.schema;

import java.util.ArrayList;
import java.util.List;
import org.tidbbinlog.codec.schema.CiName;
import org.tidbbinlog.codec.schema.ColumnInfo;
import org.tidbbinlog.codec.schema.FieldType;
import org.tidbbinlog.codec.schema.IndexInfo;
import org.tidbbinlog.codec.schema.PartitionInfo;
import org.tidbbinlog.codec.schema.SchemaState;
import org.tidbbinlog.codec.schema.TableInfo;

/** A table on the way to its {@link TableInfo}: a plain one, or another with things changed. */
public final class TableDraft {
  private final TableInfo start;
  private List<ColumnInfo> columns;
  private List<IndexInfo> indexes;
  private boolean pkIsHandle;
  private boolean commonHandle;
  private PartitionInfo partition;
  private String comment;

  private TableDraft(TableInfo start) {
    this.start = start;
    this.columns = start.columns();
    this.indexes = start.indexes();
    this.pkIsHandle = start.pkIsHandle();
    this.commonHandle = start.commonHandle();
    this.partition = start.partition();
    this.comment = start.comment();
  }

  /** A table as another one is, until it is said otherwise. */
  public static TableDraft of(TableInfo table) {
    return new TableDraft(table);
  }

  /** A public table in utf8mb4 with neither keys nor partitions. */
  public static TableDraft plain(long id, String name, List<ColumnInfo> columns) {
    return new TableDraft(
        new TableInfo(
            id,
            CiName.of(name),
            TableInfo.Kind.BASE,
            TableInfo.Temporary.NONE,
            "utf8mb4",
            "utf8mb4_bin",
            columns,
            List.of(),
            SchemaState.PUBLIC,
            false,
            false,
            PartitionInfo.NONE,
            ""));
  }

  /** A plain table of plain columns, all of one type, with ids 1, 2, … */
  public static TableDraft plain(long id, String name, FieldType type, List<String> columns) {
    List<ColumnInfo> infos = new ArrayList<>();
    for (String column : columns) {
      int offset = infos.size();
      infos.add(ColumnDraft.plain(offset + 1, column, type).at(offset).done());
    }
    return plain(id, name, infos);
  }

  public TableDraft columns(List<ColumnInfo> others) {
    columns = others;
    return this;
  }

  public TableDraft indexes(List<IndexInfo> others) {
    indexes = others;
    return this;
  }

  /** The one integer column of the primary key is the row's handle, or it is not. */
  public TableDraft pkIsHandle(boolean is) {
    pkIsHandle = is;
    return this;
  }

  /** The clustered primary key is the row's handle, or it is not. */
  public TableDraft commonHandle(boolean is) {
    commonHandle = is;
    return this;
  }

  public TableDraft partition(PartitionInfo other) {
    partition = other;
    return this;
  }

  public TableDraft comment(String other) {
    comment = other;
    return this;
  }

  public TableInfo done() {
    return new TableInfo(
        start.id(),
        start.name(),
        start.kind(),
        start.temporary(),
        start.charset(),
        start.collate(),
        columns,
        indexes,
        start.state(),
        pkIsHandle,
        commonHandle,
        partition,
        comment);
  }
}
