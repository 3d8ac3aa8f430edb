package org.tidbbinlog.codec.row;

import java.util.List;
import org.tidbbinlog.codec.schema.ColumnInfo;
import org.tidbbinlog.codec.value.ColumnValue;

/** One row: {@code values.get(i)} belongs to {@code columns.get(i)}; column lists are shared. */
public record DecodedRow(List<ColumnInfo> columns, List<ColumnValue> values) {}
