package org.tidbbinlog.sinks.mysql.apply;

import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tidbbinlog.drainer.sink.Divergence;
import org.tidbbinlog.drainer.sink.RowChange;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.TableVersion;
import org.tidbbinlog.sinks.mysql.rows.RowOp;
import org.tidbbinlog.sinks.mysql.rows.SqlText;
import org.tidbbinlog.sinks.mysql.target.TableName;
import org.tidbbinlog.sinks.mysql.target.TargetFault;

/**
 * What is given to a worker as one: a row, or a whole transaction.
 *
 * @see WorkerQueue
 */
final class ApplyUnit {
  private static final long[] NO_WAITS = {};

  private final PendingItem pending;
  private final Step step;
  private final long order;
  private final int sizeBytes;
  private final Set<TableName> leftOut;
  private long[] waits = NO_WAITS;
  private @Nullable RowOp op;

  private ApplyUnit(
      PendingItem pending,
      Step step,
      @Nullable RowOp op,
      long order,
      int sizeBytes,
      Set<TableName> leftOut) {
    this.leftOut = leftOut;
    this.pending = pending;
    this.step = step;
    this.op = op;
    this.order = order;
    this.sizeBytes = sizeBytes;
  }

  /**
   * A row.
   *
   * @param order position among all units
   */
  static ApplyUnit row(PendingItem pending, Step step, RowOp op, long order, int sizeBytes) {
    return new ApplyUnit(pending, step, op, order, sizeBytes, Set.of());
  }

  /**
   * A whole transaction.
   *
   * @param leftOut tables whose rows are done without
   */
  static ApplyUnit transaction(
      PendingItem pending, Set<TableName> leftOut, long order, int sizeBytes) {
    return new ApplyUnit(pending, Step.WHOLE_TRANSACTION, null, order, sizeBytes, leftOut);
  }

  boolean isWanted(TableVersion table) {
    return leftOut.isEmpty() || !leftOut.contains(TableName.of(table));
  }

  Set<TableName> leftOut() {
    return leftOut;
  }

  /** The tables it has rows of, without those that are left out. */
  Collection<TableVersion> tables() {
    if (!isTransaction()) {
      return List.of(op().change().table());
    }
    Map<TableName, TableVersion> tables = new LinkedHashMap<>();
    for (RowChange change : transaction().rows()) {
      if (isWanted(change.table())) {
        tables.putIfAbsent(TableName.of(change.table()), change.table());
      }
    }
    return tables.values();
  }

  /** Something is wrong with a row of it, and nobody knows which it is. */
  Divergence divergence(Instant time, SQLException error) {
    List<String> names =
        tables().stream().map(table -> SqlText.name(table.schema(), table.table())).toList();
    return new Divergence(
        time,
        transaction().commitTs(),
        String.join(", ", names),
        "",
        "a row is there already: " + TargetFault.brief(error));
  }

  /** Which rows of the upstream transaction the unit stands for. */
  record Step(int firstRow, int rowCount) {
    static final Step WHOLE_TRANSACTION = new Step(0, -1);

    int endRow() {
      return firstRow + rowCount;
    }
  }

  PendingItem pending() {
    return pending;
  }

  SinkItem.Transaction transaction() {
    return (SinkItem.Transaction) pending.item();
  }

  Step step() {
    return step;
  }

  /** The row; a unit that is a whole transaction has none. */
  RowOp op() {
    return Objects.requireNonNull(op);
  }

  @SuppressWarnings("ReferenceEquality")
  boolean isTransaction() {
    return step == Step.WHOLE_TRANSACTION;
  }

  /** The table's structure was read again. */
  void replaceOp(RowOp newOp) {
    op = newOp;
  }

  long order() {
    return order;
  }

  int sizeBytes() {
    return sizeBytes;
  }

  /** Tickets of other workers' units that must be committed before. */
  long[] waits() {
    return waits;
  }

  void waitFor(long[] tickets) {
    waits = tickets;
  }
}
