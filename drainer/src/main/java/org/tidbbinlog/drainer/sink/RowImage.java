package org.tidbbinlog.drainer.sink;

import java.util.List;
import org.tidbbinlog.codec.schema.ColumnInfo;
import org.tidbbinlog.codec.value.ColumnValue;

/**
 * One row: {@code values.get(i)} belongs to {@code columns.get(i)}. Inserts and updates carry the
 * public columns that are not generated; deletes also carry the generated columns that the binlog
 * held. Column lists are shared between rows of one table version, so comparing them by identity is
 * a fast path.
 */
public record RowImage(List<ColumnInfo> columns, List<ColumnValue> values) {
  public RowImage {
    if (columns.size() != values.size()) {
      throw new IllegalArgumentException(
          columns.size() + " columns but " + values.size() + " values");
    }
  }
}
