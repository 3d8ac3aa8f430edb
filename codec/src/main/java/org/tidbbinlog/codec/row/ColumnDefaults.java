package org.tidbbinlog.codec.row;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tidbbinlog.codec.DecodeException;
import org.tidbbinlog.codec.schema.ColumnInfo;
import org.tidbbinlog.codec.schema.TableInfo;
import org.tidbbinlog.codec.value.ColumnValue;

/**
 * Values of columns that rows do not have, taken from a table as it was when the rows were written;
 * columns it did not have yet are taken from the current one. Each value is worked out once, when
 * first needed. Source: row-format section 8.
 */
public final class ColumnDefaults {
  private final List<ColumnInfo> columns;
  private final ColumnInfo[] sources;
  private final @Nullable ColumnValue[] values;

  ColumnDefaults(List<ColumnInfo> columns, TableInfo writersTable) {
    this.columns = columns;
    this.values = new ColumnValue[columns.size()];
    Map<Long, ColumnInfo> writers = new HashMap<>();
    writersTable.columns().forEach(column -> writers.put(column.id(), column));
    this.sources =
        columns.stream()
            .map(column -> writers.getOrDefault(column.id(), column))
            .toArray(ColumnInfo[]::new);
  }

  ColumnValue of(int index) {
    ColumnValue known = values[index];
    if (known != null) {
      return known;
    }
    ColumnValue value;
    try {
      value = OriginDefault.of(sources[index]);
    } catch (DecodeException e) {
      throw e.within("default of column " + columns.get(index).name());
    }
    values[index] = value;
    return value;
  }
}
