package org.tidbbinlog.sinks.mysql.apply;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.Detection;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.Dispatch;
import org.tidbbinlog.sinks.mysql.ledger.AppliedRows;
import org.tidbbinlog.sinks.mysql.rows.ConflictKeys;
import org.tidbbinlog.sinks.mysql.rows.RowShape;
import org.tidbbinlog.sinks.mysql.target.TableName;

/**
 * Spreads rows over workers. A row whose keys were last touched by uncommitted rows of one worker
 * follows them there, in order; one that follows rows of several workers goes to one of them and
 * waits for the others; all else fills one worker's batch after the other, by table. Called by the
 * thread that submits.
 */
final class Dispatcher {
  private static final int ROW_OVERHEAD_BYTES = 200;
  private static final int MOST_COLUMN_LISTS = 10_000;

  /** Batches that are filled side by side, each with other tables. */
  private static final int MOST_FILLED = 8;

  private final Workers workers;
  private final TargetShapes shapes;
  private final StructureReader reader;
  private final AppliedRows recovered;
  private final Dispatch dispatch;
  private final Detection detection;
  private final int txnBatch;
  private final LastToucher lastToucher;
  private final Map<String, RowShape> columnLists = new HashMap<>();
  private final ConflictKeys keys = new ConflictKeys();
  private final Set<PendingItem> back = new LinkedHashSet<>();
  private long[] waits = new long[8];
  private int waitCount;
  private long order;
  private final int[] current;
  private final int[] filled;

  Dispatcher(
      Workers workers,
      TargetShapes shapes,
      StructureReader reader,
      AppliedRows recovered,
      ApplyModes modes) {
    this.workers = workers;
    this.shapes = shapes;
    this.reader = reader;
    this.recovered = recovered;
    this.dispatch = modes.dispatch();
    this.detection = modes.detection();
    this.txnBatch = modes.txnBatch();
    this.lastToucher = new LastToucher(workers::isCommitted);
    this.current = new int[Math.min(MOST_FILLED, workers.count())];
    this.filled = new int[current.length];
    Arrays.setAll(current, i -> i);
  }

  /** How to cut the stream. */
  record ApplyModes(Dispatch dispatch, Detection detection, int txnBatch) {}

  /**
   * The rows of some tables, and of the target's tables only. A transaction that is kept together
   * goes whole or not at all, but for rows that are left out.
   *
   * @param pending stays open
   * @param turns what becomes of each table's rows
   */
  Rest dispatch(
      PendingItem pending, SinkItem.Transaction transaction, Function<TableName, Turn> turns)
      throws InterruptedException, SQLException {
    PartOfTables part = new PartOfTables(pending, turns, table -> shapes.isThere(table, reader));
    if (dispatch == Dispatch.TRANSACTIONS) {
      RowSource.ask(transaction, recovered, part);
      if (part.isAnythingWaiting()) {
        return part.nothingGoes();
      }
      pending.goesTogether();
      pending.unitAdded();
      int bytes = (int) Math.min(1 << 20, transaction.rows().sizeBytes());
      Set<TableName> leftOut = part.rest().leftOut().keySet();
      ApplyUnit unit = ApplyUnit.transaction(pending, leftOut, order++, bytes);
      Set<TableName> counted = pending.countedAsLeftOut();
      if (workers.add(0, unit) == Ticket.NONE) {
        cameBack(unit);
      }
      workers.publishAll();
      return part.rest().exceptLeftOut(counted);
    } else {
      RowSource rows = new RowSource(transaction, recovered, shapes, reader, part);
      int bytes = bytesARow(transaction);
      for (Optional<RowSource.Row> row = rows.next(); row.isPresent(); row = rows.next()) {
        addRow(pending, row.get(), bytes);
        pending.passed(row.get().step().endRow());
      }
    }
    workers.publishAll();
    return part.rest();
  }

  private static int bytesARow(SinkItem.Transaction transaction) {
    long average = transaction.rows().sizeBytes() / Math.max(1, transaction.rows().count());
    return (int) Math.min(Integer.MAX_VALUE / 2, ROW_OVERHEAD_BYTES + 3 * average);
  }

  private void addRow(PendingItem pending, RowSource.Row row, int bytes)
      throws InterruptedException {
    ApplyUnit unit = ApplyUnit.row(pending, row.step(), row.op(), order++, bytes);
    keys.clear();
    keys.addAll(row.op());
    if (row.op().shape().identity().isEmpty()) {
      separateColumnLists(row.op().shape());
    }
    int worker = chooseWorker(unit);
    pending.unitAdded();
    pending.went(row.step());
    long ticket = workers.add(worker, unit);
    if (ticket == Ticket.NONE) {
      cameBack(unit);
      return;
    }
    for (int i = 0; i < keys.count(); i++) {
      lastToucher.put(keys.at(i), ticket);
    }
  }

  /**
   * Rows that no key finds are told apart by all their values. While a column is being dropped some
   * images lack it, and their hashes say nothing about rows that have it: all before goes first.
   */
  private void separateColumnLists(RowShape shape) throws InterruptedException {
    RowShape before = columnLists.put(shape.table().id(), shape);
    if (before != null && !before.isComparedLike(shape)) {
      workers.awaitOldest(order);
      lastToucher.clear();
    }
    if (columnLists.size() > MOST_COLUMN_LISTS) {
      workers.awaitOldest(order);
      columnLists.clear();
    }
  }

  private int chooseWorker(ApplyUnit unit) {
    if (detection == Detection.OFF) {
      return keys.count() == 0 ? 0 : (int) Long.remainderUnsigned(keys.at(0), workers.count());
    }
    waitCount = 0;
    for (int i = 0; i < keys.count(); i++) {
      long ticket = lastToucher.get(keys.at(i));
      if (ticket != Ticket.NONE && !workers.isCommitted(ticket)) {
        addWait(ticket);
      }
    }
    if (waitCount == 0) {
      return nextFree(unit.op().shape());
    }
    int worker = Ticket.worker(waits[0]);
    for (int i = 1; i < waitCount; i++) {
      if (workers.load(Ticket.worker(waits[i])) > workers.load(worker)) {
        worker = Ticket.worker(waits[i]);
      }
    }
    int others = 0;
    for (int i = 0; i < waitCount; i++) {
      if (Ticket.worker(waits[i]) != worker) {
        waits[others++] = waits[i];
      }
    }
    if (others > 0) {
      unit.waitFor(Arrays.copyOf(waits, others));
    }
    return worker;
  }

  /** One ticket a worker is enough: the latest. */
  private void addWait(long ticket) {
    for (int i = 0; i < waitCount; i++) {
      if (Ticket.worker(waits[i]) == Ticket.worker(ticket)) {
        waits[i] = Math.max(waits[i], ticket);
        return;
      }
    }
    if (waitCount == waits.length) {
      waits = Arrays.copyOf(waits, waitCount * 2);
    }
    waits[waitCount++] = ticket;
  }

  /**
   * Fills a worker up to a batch, then turns to the one with the least to do. Rows of one table go
   * together as far as they can: they become few statements.
   */
  private int nextFree(RowShape shape) {
    int lane = Math.floorMod(shape.table().id().hashCode(), current.length);
    if (filled[lane] < txnBatch) {
      filled[lane]++;
      return current[lane];
    }
    filled[lane] = 1;
    int best = current[lane];
    int bestLoad = Integer.MAX_VALUE;
    for (int i = 1; i <= workers.count(); i++) {
      int candidate = (current[lane] + i) % workers.count();
      int load = workers.load(candidate);
      if (load < bestLoad) {
        best = candidate;
        bestLoad = load;
      }
    }
    current[lane] = best;
    return best;
  }

  private void cameBack(ApplyUnit unit) {
    unit.pending().cameBack(unit);
    back.add(unit.pending());
  }

  /**
   * The workers are at rest and have given back what they did not write.
   *
   * @return items of which rows are to go once more, in commit order
   */
  List<PendingItem> takeBack(List<ApplyUnit> uncommitted) {
    uncommitted.forEach(this::cameBack);
    List<PendingItem> items = new ArrayList<>(back);
    items.sort(Comparator.comparing(pending -> pending.item().commitTs()));
    back.clear();
    forgetKeys();
    return items;
  }

  /** Nothing is in flight. */
  void forgetKeys() {
    lastToucher.clear();
    columnLists.clear();
  }
}
