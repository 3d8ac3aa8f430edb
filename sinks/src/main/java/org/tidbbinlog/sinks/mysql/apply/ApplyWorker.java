package org.tidbbinlog.sinks.mysql.apply;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.StageTimes;
import org.tidbbinlog.drainer.sink.TableVersion;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.SafeMode;
import org.tidbbinlog.sinks.mysql.ledger.AppliedRows;
import org.tidbbinlog.sinks.mysql.ledger.Ledger;
import org.tidbbinlog.sinks.mysql.ledger.LedgerWriter;
import org.tidbbinlog.sinks.mysql.ledger.LoopbackMarker;
import org.tidbbinlog.sinks.mysql.rows.ConflictKeys;
import org.tidbbinlog.sinks.mysql.rows.RowOp;
import org.tidbbinlog.sinks.mysql.target.MissingTableException;
import org.tidbbinlog.sinks.mysql.target.SqlSession;
import org.tidbbinlog.sinks.mysql.target.TargetConnector;
import org.tidbbinlog.sinks.mysql.target.TargetFault;
import org.tidbbinlog.sinks.mysql.target.TargetTables;

/**
 * One worker: takes batches, writes each in one target transaction together with its ledger entry,
 * and finds out what happened when the answer is lost. A batch the target refuses is tried again
 * row by row, each row when everything before it is in the target; only what still fails then stops
 * the sink. Owned by its thread.
 */
final class ApplyWorker implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(ApplyWorker.class);

  private final int number;
  private final ApplyContext context;
  private final LedgerWriter ledger;
  private final WorkerSession session;
  private final String mark;

  ApplyWorker(int number, ApplyContext context) {
    this.number = number;
    this.context = context;
    this.session = new WorkerSession(context.connector(), context.clock());
    this.ledger = new LedgerWriter(context.ledger(), context.acks()::lowWatermark);
    this.mark = new LoopbackMarker(context.connector().settings().loopback()).statement(number);
  }

  @Override
  public void run() {
    try {
      while (true) {
        Optional<List<ApplyUnit>> batch = context.workers().take(number);
        if (batch.isEmpty()) {
          return;
        }
        try {
          apply(batch.get());
        } finally {
          context.workers().rests();
        }
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    } catch (SQLException e) {
      context.failed(TargetConnector.refused(context.connector().settings(), e));
    } catch (RuntimeException | Error e) {
      context.failed(e);
    } finally {
      session.drop();
    }
  }

  /** Ends what runs on the target now, from any thread. */
  void abort() {
    session.abort();
  }

  private void apply(List<ApplyUnit> batch) throws InterruptedException, SQLException {
    try {
      applyTogether(batch, SafeMode.OFF, Pace.TOGETHER);
      done(batch);
    } catch (SQLException e) {
      session.reset();
      context.counters().retried();
      LOG.atInfo()
          .addKeyValue("error", TargetFault.brief(e))
          .addKeyValue("units", batch.size())
          .log("batch refused, trying row by row");
      applyOneByOne(batch);
    } catch (MissingTableException e) {
      lostTable(batch.get(0), e);
    }
  }

  /** What is left of it when the workers are called back stays in the queue. */
  private void applyOneByOne(List<ApplyUnit> batch) throws InterruptedException, SQLException {
    for (ApplyUnit unit : batch) {
      if (!context.workers().awaitOldest(unit.order())) {
        return;
      }
      try {
        applyCarefully(unit);
      } catch (MissingTableException e) {
        lostTable(unit, e);
        return;
      }
      done(List.of(unit));
    }
  }

  /** Somebody took a table away: rows that are not written yet must be handed over anew. */
  private void lostTable(ApplyUnit unit, MissingTableException lost) {
    LOG.atWarn()
        .addKeyValue("commit-ts", unit.transaction().commitTs())
        .addKeyValue("error", lost.getMessage())
        .log("table is gone from the target, workers are called back");
    context.lostTable();
  }

  private void done(List<ApplyUnit> batch) {
    context.workers().committed(number, batch);
    long now = context.clock().nanoTime();
    for (ApplyUnit unit : batch) {
      AckQueue.times(unit.transaction()).mark(StageTimes.Stage.APPLIED, now);
      context.acks().unitDone(unit.pending());
    }
  }

  private void applyCarefully(ApplyUnit unit) throws InterruptedException, SQLException {
    List<ApplyUnit> alone = List.of(unit);
    try {
      applyTogether(alone, SafeMode.OFF, Pace.TOGETHER);
    } catch (SQLException first) {
      session.reset();
      TargetFault fault = TargetFault.of(first);
      try {
        if (fault == TargetFault.DUPLICATE_KEY) {
          replaceDuplicates(unit, alone);
        } else if (fault == TargetFault.STRUCTURE) {
          readStructureAgain(unit);
          applyTogether(alone, SafeMode.OFF, Pace.TOGETHER);
        } else {
          throw first;
        }
      } catch (SQLException e) {
        session.reset();
        throw new RefusedUnit(unit, e).exception(context.connector(), context.planner());
      }
    }
  }

  private void replaceDuplicates(ApplyUnit unit, List<ApplyUnit> alone)
      throws InterruptedException, SQLException {
    try {
      applyTogether(alone, SafeMode.OFF, Pace.ROW_BY_ROW);
    } catch (SQLException late) {
      if (TargetFault.of(late) != TargetFault.DUPLICATE_KEY) {
        throw late;
      }
      // An optimistic transaction of TiDB looks at keys when it commits, and does not say whose.
      session.reset();
      if (context.stopsOnDivergence()) {
        throw late;
      }
      applyTogether(alone, SafeMode.ON, Pace.TOGETHER);
      context.counters().diverged(unit.divergence(context.clock().now(), late), 1);
    }
  }

  /**
   * @throws MissingTableException when a table of it is gone
   */
  private void readStructureAgain(ApplyUnit unit) throws InterruptedException, SQLException {
    Patience patience = context.patience();
    while (true) {
      try {
        SqlSession open = session.open();
        patience.tryBegins();
        readStructure(unit, open);
        return;
      } catch (SQLException e) {
        TargetFault fault = TargetFault.of(e);
        if (!fault.isPassing()) {
          throw e;
        }
        prepareRetry(fault, e, patience);
      }
    }
  }

  private void readStructure(ApplyUnit unit, SqlSession open) throws SQLException {
    for (TableVersion table : unit.tables()) {
      if (!context.shapes().isStillThere(table, open::query)) {
        throw TargetTables.missing(table.schema(), table.table());
      }
    }
    if (!unit.isTransaction()) {
      RowOp op = unit.op();
      unit.replaceOp(context.shapes().op(op.change(), op.commitTs(), op.safeMode(), open::query));
    }
  }

  /** One target transaction; passing faults are waited out; throws what will not pass. */
  private void applyTogether(List<ApplyUnit> batch, SafeMode mode, Pace firstPace)
      throws InterruptedException, SQLException {
    AppliedRows rows = rowsOf(batch);
    Patience patience = context.patience();
    Pace pace = firstPace;
    Optional<TargetTransaction> target = Optional.empty();
    Optional<TargetTransaction> perhapsCommitted = Optional.empty();
    boolean mayBeCommitted = false;
    boolean lostConnection = false;
    while (true) {
      try {
        SqlSession open = session.open();
        patience.tryBegins();
        if (lostConnection) {
          context.ledger().keepLock();
          lostConnection = false;
        }
        if (mayBeCommitted && ledger.isCommitted(open)) {
          ledger.committed();
          perhapsCommitted.ifPresent(TargetTransaction::tell);
          return;
        }
        long start = context.clock().nanoTime();
        TargetTransaction fresh =
            context.newTransaction(open, pace, ledger.stage(open, rows), mark);
        target = Optional.of(fresh);
        int rowCount = write(open, batch, mode, fresh);
        ledger.committed();
        context.counters().committed(rowCount, (context.clock().nanoTime() - start) / 1e9);
        return;
      } catch (UnclearRowException e) {
        session.reset();
        pace = Pace.ROW_BY_ROW;
      } catch (SQLException e) {
        if (target.filter(TargetTransaction::isCommitSent).isPresent()) {
          perhapsCommitted = target;
        }
        if (context.workers().isStopped()) {
          throw new InterruptedException("stopped");
        }
        TargetFault fault = TargetFault.of(e);
        boolean guard = Ledger.isGuard(e);
        lostConnection |= fault == TargetFault.CONNECTION;
        mayBeCommitted |= guard || lostConnection;
        if (!guard && !fault.isPassing()) {
          throw e;
        }
        prepareRetry(fault, e, patience);
      } catch (OperatorException e) {
        session.reset();
        throw e;
      }
    }
  }

  private void prepareRetry(TargetFault fault, SQLException error, Patience patience)
      throws InterruptedException, SQLException {
    context.counters().retried();
    if (fault == TargetFault.CONNECTION) {
      session.drop();
    } else {
      session.reset();
    }
    if (patience.attempts() % 20 == 1) {
      LOG.atWarn()
          .addKeyValue("error", TargetFault.brief(error))
          .addKeyValue("tries", patience.attempts())
          .log(
              fault == TargetFault.FULL
                  ? "target is full, waiting for room there"
                  : "target does not take rows now, trying again");
    }
    if (!patience.waitOnce(fault)) {
      throw TargetConnector.refused(context.connector().settings(), error);
    }
  }

  private AppliedRows rowsOf(List<ApplyUnit> batch) {
    AppliedRows rows = new AppliedRows();
    for (ApplyUnit unit : batch) {
      SinkItem.Transaction transaction = unit.transaction();
      int total = transaction.rows().count();
      ApplyUnit.Step step = unit.step();
      rows.add(
          transaction.commitTs(),
          total,
          step.firstRow(),
          unit.isTransaction() ? total : step.rowCount());
    }
    return rows;
  }

  private int write(SqlSession open, List<ApplyUnit> batch, SafeMode mode, TargetTransaction target)
      throws SQLException, UnclearRowException {
    int rows;
    if (batch.get(0).isTransaction()) {
      rows = writeTransaction(open, batch.get(0), mode, target);
    } else {
      List<RowOp> ops =
          batch.stream()
              .map(ApplyUnit::op)
              .map(
                  op ->
                      mode == SafeMode.ON
                          ? new RowOp(op.change(), op.shape(), op.commitTs(), mode)
                          : op)
              .toList();
      target.write(ops);
      rows = ops.size();
    }
    target.commit();
    if (context.counters().wantsBatches()) {
      context.counters().applied(describe(batch, target));
    }
    return rows;
  }

  private AppliedBatch describe(List<ApplyUnit> batch, TargetTransaction target) {
    ConflictKeys keys = new ConflictKeys();
    List<AppliedBatch.Unit> units = new ArrayList<>();
    for (ApplyUnit unit : batch) {
      keys.clear();
      if (!unit.isTransaction()) {
        keys.addAll(unit.op());
      }
      units.add(new AppliedBatch.Unit(unit.order(), keys.toArray()));
    }
    return new AppliedBatch(
        number, units, ledger.stagedSlot(), ledger.stagedSlotSeq(), target.sentPackets());
  }

  /** A whole transaction, planned some hundred rows at a time so that any size fits in memory. */
  private int writeTransaction(
      SqlSession open, ApplyUnit unit, SafeMode mode, TargetTransaction target)
      throws SQLException, UnclearRowException {
    RowSource source =
        new RowSource(
            unit.transaction(),
            context.recovered(),
            context.shapes(),
            open::query,
            (table, row) -> unit.isWanted(table));
    List<RowOp> chunk = new ArrayList<>();
    int rows = 0;
    for (Optional<RowSource.Row> row = source.next(); row.isPresent(); row = source.next()) {
      RowOp op = row.get().op();
      chunk.add(mode == SafeMode.ON ? new RowOp(op.change(), op.shape(), op.commitTs(), mode) : op);
      if (chunk.size() == ApplyContext.ROWS_PLANNED_TOGETHER) {
        target.write(chunk);
        rows += chunk.size();
        chunk.clear();
        unit.pending().passed(row.get().step().endRow());
      }
    }
    target.write(chunk);
    unit.pending().passed(unit.transaction().rows().count());
    return rows + chunk.size();
  }
}
