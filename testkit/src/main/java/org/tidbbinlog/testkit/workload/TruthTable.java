package org.tidbbinlog.testkit.workload;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.tidbbinlog.codec.schema.ColumnInfo;
import org.tidbbinlog.codec.value.ColumnValue;

/**
 * What a table must hold: its public columns that are not generated, and its rows in no order,
 * equal rows as often as they are there.
 *
 * @param names of the rows, aligned with them, as in {@link WorkloadStep.RowTouch}
 */
public record TruthTable(
    String schema,
    String table,
    List<ColumnInfo> columns,
    List<List<ColumnValue>> rows,
    List<String> names) {

  /** The same table with some of its rows. */
  public TruthTable only(Predicate<String> wanted) {
    List<List<ColumnValue>> fewer = new ArrayList<>();
    List<String> theirNames = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      if (wanted.test(names.get(i))) {
        fewer.add(rows.get(i));
        theirNames.add(names.get(i));
      }
    }
    return new TruthTable(schema, table, columns, fewer, theirNames);
  }
}
