package org.tidbbinlog.sinks.mysql.apply;

import java.util.BitSet;
import java.util.HashSet;
import java.util.Set;
import org.tidbbinlog.drainer.sink.TableVersion;
import org.tidbbinlog.sinks.mysql.target.TableName;

/**
 * Rows of one item that were handed to the workers and came back unwritten. Of their tables only
 * these rows are still to go. What comes back while the item is being handed over counts from
 * {@link #settle} on, when that has ended. Under the gate's lock.
 */
final class RowsBack {
  private final Set<TableName> tables = new HashSet<>();
  private final Set<TableName> leftOut = new HashSet<>();
  private final BitSet rows = new BitSet();
  private final Set<TableName> arrivedTables = new HashSet<>();
  private final Set<TableName> arrivedLeftOut = new HashSet<>();
  private final BitSet arrivedRows = new BitSet();
  private int arrivedUnits;

  void add(ApplyUnit unit) {
    arrivedUnits++;
    if (unit.isTransaction()) {
      arrivedLeftOut.addAll(unit.leftOut());
      arrivedTables.addAll(
          unit.leftOut()); // It goes whole: whether they stay left out is asked anew.
      arrivedRows.set(0, unit.transaction().rows().count());
    } else {
      arrivedRows.set(unit.step().firstRow(), unit.step().endRow());
    }
    unit.tables().forEach(table -> arrivedTables.add(TableName.of(table)));
  }

  /**
   * What came back is to go from now on.
   *
   * @return how many units came back since this was called last
   */
  int settle() {
    int units = arrivedUnits;
    tables.addAll(arrivedTables);
    leftOut.addAll(arrivedLeftOut);
    rows.or(arrivedRows);
    arrivedUnits = 0;
    arrivedTables.clear();
    arrivedLeftOut.clear();
    arrivedRows.clear();
    return units;
  }

  /** They are handed over once more. */
  void went(ApplyUnit.Step step) {
    rows.clear(step.firstRow(), step.endRow());
  }

  boolean isToGo(TableVersion table, int row) {
    return rows.get(row) || !tables.contains(TableName.of(table));
  }

  Set<TableName> tables() {
    return tables;
  }

  /** Tables whose rows were left out, and counted, when the item went for the first time. */
  Set<TableName> leftOut() {
    return leftOut;
  }
}
