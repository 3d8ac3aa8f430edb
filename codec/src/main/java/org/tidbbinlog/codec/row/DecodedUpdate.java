package org.tidbbinlog.codec.row;

import java.util.List;
import org.tidbbinlog.codec.schema.ColumnInfo;
import org.tidbbinlog.codec.value.ColumnValue;

/** A row before and after: both aligned with {@code columns}, which is shared. */
public record DecodedUpdate(
    List<ColumnInfo> columns, List<ColumnValue> before, List<ColumnValue> after) {}
