package org.tidbbinlog.codec.row;

import java.util.List;
import org.tidbbinlog.codec.DecodeException;
import org.tidbbinlog.codec.bytes.ByteCursor;
import org.tidbbinlog.codec.datum.Datums;
import org.tidbbinlog.codec.schema.ColumnFlag;
import org.tidbbinlog.codec.schema.ColumnInfo;
import org.tidbbinlog.codec.schema.IndexInfo;
import org.tidbbinlog.codec.schema.TableInfo;
import org.tidbbinlog.codec.value.ColumnValue;

/**
 * The datums that begin an inserted row: how many, and which columns they stand for when the row
 * part does not have those. Source: mutations section 2.
 */
final class HandleLayout {
  private static final int NO_COLUMN = -1;

  private final int[] columnOfDatum;

  private HandleLayout(int[] columnOfDatum) {
    this.columnOfDatum = columnOfDatum;
  }

  static HandleLayout of(TableInfo table, ColumnSet written) {
    if (table.commonHandle()) {
      return ofPrimaryIndex(table, written);
    }
    if (table.pkIsHandle()) {
      return new HandleLayout(new int[] {written.indexOf(handleColumn(table).id())});
    }
    return new HandleLayout(new int[] {NO_COLUMN});
  }

  private static HandleLayout ofPrimaryIndex(TableInfo table, ColumnSet written) {
    List<IndexInfo.IndexColumn> columns = primaryIndex(table).columns();
    int[] columnOfDatum = new int[columns.size()];
    for (int i = 0; i < columnOfDatum.length; i++) {
      IndexInfo.IndexColumn column = columns.get(i);
      columnOfDatum[i] =
          column.length() == IndexInfo.WHOLE_COLUMN
              ? written.indexOfOffset(table, column.offset())
              : NO_COLUMN;
    }
    return new HandleLayout(columnOfDatum);
  }

  static IndexInfo primaryIndex(TableInfo table) {
    return table.indexes().stream()
        .filter(IndexInfo::primary)
        .findFirst()
        .orElseThrow(() -> broken(table, "has a common handle but no primary index"));
  }

  static ColumnInfo handleColumn(TableInfo table) {
    return table.columns().stream()
        .filter(column -> column.type().has(ColumnFlag.PRIMARY))
        .findFirst()
        .orElseThrow(() -> broken(table, "has its primary key as handle but no such column"));
  }

  private static DecodeException broken(TableInfo table, String what) {
    return new DecodeException("table " + table.id() + " " + what, 0);
  }

  void skip(ByteCursor in) {
    for (int i = 0; i < columnOfDatum.length; i++) {
      Datums.skip(in);
    }
  }

  /** Reads the handle datums again, for the columns that have no value yet. */
  void fill(ByteCursor in, ColumnSet written, ColumnValue[] values) {
    for (int column : columnOfDatum) {
      if (column != NO_COLUMN && values[column] == null) {
        values[column] = written.codec(column).decode(in);
      } else {
        Datums.skip(in);
      }
    }
  }
}
