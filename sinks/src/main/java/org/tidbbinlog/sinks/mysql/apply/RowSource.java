package org.tidbbinlog.sinks.mysql.apply;

import java.sql.SQLException;
import java.util.Iterator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.sink.RowChange;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.TableVersion;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.SafeMode;
import org.tidbbinlog.sinks.mysql.ledger.AppliedRows;
import org.tidbbinlog.sinks.mysql.rows.PartitionMoves;
import org.tidbbinlog.sinks.mysql.rows.RowOp;
import org.tidbbinlog.sinks.mysql.target.TargetTables;

/**
 * The rows of a transaction that are still to be applied, with their positions; rows the ledger
 * knows are left out, and a row that moved between partitions is one update. One thread.
 */
final class RowSource {
  /** A row to apply, standing for some positions of the transaction. */
  record Row(RowOp op, ApplyUnit.Step step) {}

  /** The rows that are to be applied now. Asked for rows that are not applied yet. */
  interface Wanted {
    /**
     * @param row its position in the transaction
     */
    boolean isWanted(TableVersion table, int row) throws SQLException;
  }

  private record Read(RowOp op, int index) {}

  private final Iterator<RowChange> changes;
  private final Tso commitTs;
  private final long schemaVersion;
  private final AppliedRows applied;
  private final TargetShapes shapes;
  private final TargetTables.Reader reader;
  private final SafeMode mode;
  private final Wanted goes;
  private int index;
  private @Nullable Read ahead;

  RowSource(
      SinkItem.Transaction transaction,
      AppliedRows applied,
      TargetShapes shapes,
      TargetTables.Reader reader) {
    this(transaction, applied, shapes, reader, (table, row) -> true);
  }

  /**
   * @param goes the rows that are wanted now
   */
  RowSource(
      SinkItem.Transaction transaction,
      AppliedRows applied,
      TargetShapes shapes,
      TargetTables.Reader reader,
      Wanted goes) {
    this.goes = goes;
    this.changes = transaction.rows().iterator();
    this.commitTs = transaction.commitTs();
    this.schemaVersion = transaction.rows().schemaVersion();
    this.shapes = shapes;
    this.reader = reader;
    this.applied = stillMeant(applied, transaction);
    this.mode = this.applied == applied ? SafeMode.OFF : SafeMode.ON;
  }

  /** Filters or tables changed since: positions mean nothing any more, so nothing is skipped. */
  private static AppliedRows stillMeant(AppliedRows applied, SinkItem.Transaction transaction) {
    int total = applied.totalOf(transaction.commitTs());
    boolean changed = total != 0 && total != transaction.rows().count();
    return changed ? new AppliedRows() : applied;
  }

  /** Asks for each row that is not applied yet, without looking at it. */
  static void ask(SinkItem.Transaction transaction, AppliedRows applied, Wanted wanted)
      throws SQLException {
    AppliedRows known = stillMeant(applied, transaction);
    int at = 0;
    for (RowChange change : transaction.rows()) {
      if (!known.contains(transaction.commitTs(), at)) {
        var unused = wanted.isWanted(change.table(), at);
      }
      at++;
    }
  }

  /** The next row, or empty at the end. */
  Optional<Row> next() throws SQLException {
    Optional<Read> first = read();
    if (first.isEmpty()) {
      return Optional.empty();
    }
    RowOp op = first.get().op;
    int from = first.get().index;
    int count = 1;
    boolean joinable =
        op.change().kind() == RowChange.Kind.INSERT && PartitionMoves.mayMove(op.change());
    while (joinable) {
      Optional<Read> next = read();
      if (next.isEmpty()) {
        break;
      }
      boolean adjacent = next.get().index == from + count;
      Optional<RowChange.Update> moved =
          adjacent ? PartitionMoves.join(op, next.get().op) : Optional.empty();
      if (moved.isPresent()) {
        op = shapes.op(moved.get(), commitTs, mode, reader);
        count++;
        break;
      }
      if (!adjacent || !PartitionMoves.isRepeated(op, next.get().op)) {
        ahead = next.get();
        break;
      }
      count++;
    }
    return Optional.of(new Row(op, new ApplyUnit.Step(from, count)));
  }

  private Optional<Read> read() throws SQLException {
    Read held = ahead;
    if (held != null) {
      ahead = null;
      return Optional.of(held);
    }
    while (changes.hasNext()) {
      RowChange change = changes.next();
      int at = index++;
      shapes.saw(change, schemaVersion);
      if (!applied.contains(commitTs, at) && goes.isWanted(change.table(), at)) {
        return Optional.of(new Read(shapes.op(change, commitTs, mode, reader), at));
      }
    }
    return Optional.empty();
  }
}
