package org.tidbbinlog.testkit.workload;

import java.util.List;
import org.tidbbinlog.codec.schema.ColumnInfo;
import org.tidbbinlog.codec.value.ColumnValue;

/**
 * What a table must hold: its public columns that are not generated, and its rows in no order,
 * equal rows as often as they are there.
 */
public record TruthTable(
    String schema, String table, List<ColumnInfo> columns, List<List<ColumnValue>> rows) {}
