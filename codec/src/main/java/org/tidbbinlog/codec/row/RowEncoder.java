package org.tidbbinlog.codec.row;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import org.tidbbinlog.codec.bytes.ByteWriter;
import org.tidbbinlog.codec.datum.DatumFlag;
import org.tidbbinlog.codec.key.RecordKey;
import org.tidbbinlog.codec.schema.ColumnInfo;
import org.tidbbinlog.codec.schema.FieldType;
import org.tidbbinlog.codec.schema.IndexInfo;
import org.tidbbinlog.codec.schema.MysqlType;
import org.tidbbinlog.codec.schema.SchemaState;
import org.tidbbinlog.codec.schema.TableInfo;
import org.tidbbinlog.codec.value.ColumnValue;

/**
 * Encodes rows as TiDB writes them into binlogs, keys and TiKV. Every list of values is aligned
 * with {@code table.columns()}; {@code rowId} is the hidden row id and ignored by tables that have
 * a clustered primary key. For generators and tests. Source: mutations sections 2 to 4, row-format
 * sections 4, 8 and 9.
 */
public final class RowEncoder {
  private static final long ROW_ID_COLUMN = -1;

  private final TableInfo table;
  private final NewCollations collations;
  private final ValueWriter[] writers;

  public RowEncoder(TableInfo table, NewCollations collations) {
    this.table = table;
    this.collations = collations;
    this.writers = new ValueWriter[table.columns().size()];
    for (int i = 0; i < writers.length; i++) {
      FieldType type = table.columns().get(i).type();
      String keyCollate = collations == NewCollations.ON ? type.collate() : "binary";
      writers[i] = new ValueWriter(type, keyCollate);
    }
  }

  /** Handle datums, then the columns that are not left out. */
  public byte[] insert(List<ColumnValue> values, long rowId) {
    ByteWriter out = new ByteWriter();
    if (table.commonHandle()) {
      for (IndexInfo.IndexColumn key : HandleLayout.primaryIndex(table).columns()) {
        writers[key.offset()].handle(cut(key, values), out);
      }
    } else {
      out.u8(DatumFlag.VARINT).varint(intHandle(values, rowId));
    }
    return row(values, out, i -> isWritten(i) && !isLeftOut(i, values.get(i))).toBytes();
  }

  public byte[] update(List<ColumnValue> before, List<ColumnValue> after, long rowId) {
    ByteWriter out = new ByteWriter();
    half(before, rowId, out);
    half(after, rowId, out);
    return out.toBytes();
  }

  public byte[] delete(List<ColumnValue> values, long rowId) {
    ByteWriter out = new ByteWriter();
    boolean any = false;
    for (int i = 0; i < writers.length; i++) {
      if (column(i).isPublic()) {
        pair(column(i).id(), i, values.get(i), out);
        any = true;
      }
    }
    any |= rowId(rowId, out);
    return any ? out.toBytes() : new byte[] {DatumFlag.NULL};
  }

  /** The record's key under the logical table id. */
  public RecordKey key(List<ColumnValue> values, long rowId) {
    return key(table.id(), values, rowId);
  }

  /**
   * @param physicalId table or partition id
   */
  public RecordKey key(long physicalId, List<ColumnValue> values, long rowId) {
    if (!table.commonHandle()) {
      return RecordKey.ofInt(physicalId, intHandle(values, rowId));
    }
    ByteWriter handle = new ByteWriter();
    for (IndexInfo.IndexColumn key : HandleLayout.primaryIndex(table).columns()) {
      writers[key.offset()].key(cut(key, values), handle);
    }
    return RecordKey.ofCommon(physicalId, handle.toBytes());
  }

  /** The value that TiKV stores in the newer row format. */
  public byte[] rowV2(List<ColumnValue> values) {
    RowV2Writer out = new RowV2Writer();
    for (int i = 0; i < writers.length; i++) {
      if (isWritten(i) && !isLeftOut(i, values.get(i))) {
        out.add(column(i).id(), values.get(i), writers[i]);
      }
    }
    return out.toBytes();
  }

  private long intHandle(List<ColumnValue> values, long rowId) {
    if (!table.pkIsHandle()) {
      return rowId;
    }
    ColumnValue key = values.get(table.columns().indexOf(HandleLayout.handleColumn(table)));
    return key.kind() == ColumnValue.Kind.UNSIGNED
        ? ((ColumnValue.Unsigned) key).value()
        : ((ColumnValue.Signed) key).value();
  }

  private ColumnInfo column(int index) {
    return table.columns().get(index);
  }

  private boolean isWritten(int index) {
    SchemaState state = column(index).state();
    return !column(index).isVirtualGenerated()
        && (state == SchemaState.PUBLIC
            || state == SchemaState.WRITE_ONLY
            || state == SchemaState.WRITE_REORG);
  }

  /** True for what an inserted row does not repeat or does not need. */
  private boolean isLeftOut(int index, ColumnValue value) {
    ColumnInfo column = column(index);
    if (table.pkIsHandle() && column.equals(HandleLayout.handleColumn(table))) {
      return true;
    }
    if (table.commonHandle() && isWholeInHandle(index) && !needsRestoredData(column.type())) {
      return true;
    }
    return value.kind() == ColumnValue.Kind.NULL
        && column.defaultValue().isNull()
        && column.originDefault().isNull();
  }

  private boolean isWholeInHandle(int index) {
    return HandleLayout.primaryIndex(table).columns().stream()
        .anyMatch(key -> key.offset() == index && key.length() == IndexInfo.WHOLE_COLUMN);
  }

  private boolean needsRestoredData(FieldType type) {
    return collations == NewCollations.ON
        && ValueShape.of(type) == ValueShape.TEXT
        && (!type.collate().endsWith("_bin") || type.tp() == MysqlType.VARCHAR);
  }

  private void half(List<ColumnValue> values, long rowId, ByteWriter out) {
    for (int i = 0; i < writers.length; i++) {
      if (isWritten(i)) {
        pair(column(i).id(), i, values.get(i), out);
      }
    }
    rowId(rowId, out);
  }

  private boolean rowId(long rowId, ByteWriter out) {
    if (table.pkIsHandle() || table.commonHandle()) {
      return false;
    }
    out.u8(DatumFlag.VARINT).varint(ROW_ID_COLUMN).u8(DatumFlag.VARINT).varint(rowId);
    return true;
  }

  private ByteWriter row(List<ColumnValue> values, ByteWriter out, IntPredicate wanted) {
    int start = out.size();
    for (int i = 0; i < writers.length; i++) {
      if (wanted.test(i)) {
        pair(column(i).id(), i, values.get(i), out);
      }
    }
    return out.size() == start ? out.u8(DatumFlag.NULL) : out;
  }

  private void pair(long id, int index, ColumnValue value, ByteWriter out) {
    out.u8(DatumFlag.VARINT).varint(id);
    writers[index].datum(value, out);
  }

  /** A key column's value, cut to the prefix that the index holds. */
  private static ColumnValue cut(IndexInfo.IndexColumn key, List<ColumnValue> values) {
    ColumnValue value = values.get(key.offset());
    if (key.length() == IndexInfo.WHOLE_COLUMN) {
      return value;
    }
    return switch (value.kind()) {
      case TEXT -> {
        String text = new String(((ColumnValue.Text) value).utf8(), StandardCharsets.UTF_8);
        int end =
            text.offsetByCodePoints(
                0, Math.min(key.length(), text.codePointCount(0, text.length())));
        yield new ColumnValue.Text(text.substring(0, end).getBytes(StandardCharsets.UTF_8));
      }
      case BINARY -> {
        byte[] bytes = ((ColumnValue.Binary) value).bytes();
        yield new ColumnValue.Binary(Arrays.copyOf(bytes, Math.min(key.length(), bytes.length)));
      }
      default -> value;
    };
  }
}
