package org.tidbbinlog.codec.row;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.List;
import org.tidbbinlog.codec.schema.CiName;
import org.tidbbinlog.codec.schema.ColumnInfo;
import org.tidbbinlog.codec.schema.FieldType;
import org.tidbbinlog.codec.schema.IndexInfo;
import org.tidbbinlog.codec.schema.MysqlType;
import org.tidbbinlog.codec.schema.PartitionInfo;
import org.tidbbinlog.codec.schema.SchemaState;
import org.tidbbinlog.codec.schema.TableInfo;

/** Builds tables in one line a column. */
public final class TestTable {
  public static final FieldType INT = type(MysqlType.LONG);
  public static final FieldType VARCHAR = varchar("utf8mb4_bin");
  public static final FieldType PRIMARY_KEY =
      new FieldType(MysqlType.LONGLONG, 3, 20, 0, "binary", "binary", List.of(), false);
  public static final FieldType UNSIGNED_PRIMARY_KEY =
      new FieldType(MysqlType.LONGLONG, 35, 20, 0, "binary", "binary", List.of(), false);

  private final List<ColumnInfo> columns = new ArrayList<>();
  private final List<IndexInfo> indexes = new ArrayList<>();
  private boolean pkIsHandle;
  private boolean commonHandle;

  public static FieldType type(int tp) {
    return new FieldType(tp, 0, -1, -1, "binary", "binary", List.of(), false);
  }

  public static FieldType decimal(int precision, int scale) {
    return new FieldType(
        MysqlType.NEWDECIMAL, 0, precision, scale, "binary", "binary", List.of(), false);
  }

  public static FieldType varchar(String collate) {
    return new FieldType(MysqlType.VARCHAR, 0, 255, -1, "utf8mb4", collate, List.of(), false);
  }

  public static FieldType elems(int tp, List<String> elems) {
    return new FieldType(tp, 0, -1, -1, "utf8mb4", "utf8mb4_bin", elems, false);
  }

  public static FieldType notNull(FieldType type) {
    return new FieldType(
        type.tp(),
        type.flag() | 1,
        type.flen(),
        type.decimal(),
        type.charset(),
        type.collate(),
        type.elems(),
        type.array());
  }

  public TestTable column(long id, String name, FieldType type) {
    return column(id, name, type, NullNode.getInstance(), "");
  }

  public TestTable columnWithOrigin(long id, String name, FieldType type, String origin) {
    return column(id, name, type, TextNode.valueOf(origin), "");
  }

  public TestTable column(long id, String name, FieldType type, JsonNode origin, String originBit) {
    columns.add(
        new ColumnInfo(
            id,
            CiName.of(name),
            columns.size(),
            type,
            SchemaState.PUBLIC,
            origin,
            originBit,
            NullNode.getInstance(),
            "",
            false,
            false,
            "",
            2));
    return this;
  }

  public TestTable pkIsHandle() {
    pkIsHandle = true;
    return this;
  }

  public TestTable commonHandle(String... names) {
    commonHandle = true;
    List<IndexInfo.IndexColumn> keys = new ArrayList<>();
    for (String name : names) {
      int offset = 0;
      while (!columns.get(offset).name().lower().equals(name)) {
        offset++;
      }
      keys.add(new IndexInfo.IndexColumn(CiName.of(name), offset, IndexInfo.WHOLE_COLUMN));
    }
    indexes.add(new IndexInfo(1, CiName.of("PRIMARY"), keys, SchemaState.PUBLIC, true, true));
    return this;
  }

  public TableInfo build() {
    return new TableInfo(
        45,
        CiName.of("t"),
        TableInfo.Kind.BASE,
        TableInfo.Temporary.NONE,
        "utf8mb4",
        "utf8mb4_bin",
        columns,
        indexes,
        SchemaState.PUBLIC,
        pkIsHandle,
        commonHandle,
        PartitionInfo.NONE,
        "");
  }
}
