package org.tidbbinlog.sinks.mysql;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.drainer.airlock.DdlAirlock;
import org.tidbbinlog.drainer.airlock.HeldDdl;
import org.tidbbinlog.drainer.airlock.StreamBehind.Reach;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.StageTimes;
import org.tidbbinlog.sinks.mysql.WaitingItems.Waiting;
import org.tidbbinlog.sinks.mysql.apply.AckQueue;
import org.tidbbinlog.sinks.mysql.apply.ApplyEngine;
import org.tidbbinlog.sinks.mysql.apply.PendingItem;
import org.tidbbinlog.sinks.mysql.apply.Rest;
import org.tidbbinlog.sinks.mysql.ddl.DdlExecutor;
import org.tidbbinlog.sinks.mysql.ddl.DdlReach;
import org.tidbbinlog.sinks.mysql.ddl.RefusedDdlException;
import org.tidbbinlog.sinks.mysql.target.TableName;
import org.tidbbinlog.sinks.mysql.target.TargetConnector;

/**
 * What goes on and what waits while a DDL is held, or rows of a table that the target does not have
 * (decision 0056). The rule: rows wait for every earlier item that waits and shares a table with
 * them, a DDL waits for all that waits before it; everything else goes on. Nothing behind the held
 * DDL is acknowledged before it (I6), and the ledger tells what of it is in the target (I7). Bounds
 * (I10): as many items as {@link AckQueue} takes, held or not, and as many bytes of waiting rows as
 * may be in flight.
 *
 * <p>The submitting thread takes turns under one lock with the one that carries choices out, and
 * with the one that takes rows back when a table went away under the workers (decision 0058).
 */
final class DdlGate implements AutoCloseable {
  static final Duration FOREVER = Duration.ofDays(365);

  private static final Logger LOG = LoggerFactory.getLogger(DdlGate.class);
  private static final Duration LOOK_AROUND = Duration.ofMillis(100);

  private final ApplyEngine engine;
  private final AckQueue acks;
  private final DdlExecutor executor;
  private final DdlAirlock airlock;
  private final MissingTables missing;
  private final HeldRows heldRows;
  private final HandOver handOver;
  private final Clock clock;
  private final long mostBytes;
  private final ReentrantLock turn = new ReentrantLock();
  private final Condition moved = turn.newCondition();
  private final WaitingItems waiting = new WaitingItems();
  private volatile boolean ending;
  private final TurnTakers others = new TurnTakers(turn, this::failed);

  DdlGate(
      ApplyEngine engine,
      AckQueue acks,
      DdlExecutor executor,
      DdlAirlock airlock,
      MissingTables missing,
      HeldRows heldRows,
      Clock clock,
      long mostBytes) {
    this.engine = engine;
    this.acks = acks;
    this.executor = executor;
    this.airlock = airlock;
    this.missing = missing;
    this.heldRows = heldRows;
    this.handOver = new HandOver(engine, missing);
    this.clock = clock;
    this.mostBytes = mostBytes;
  }

  void start() {
    others.start("sinks-mysql-airlock-0", this::isChosen, this::carryOutChoice);
    others.start("sinks-mysql-recall-0", engine::awaitCalledBack, this::takeBack);
  }

  /** The next item of the stream; blocks while the sink is full. */
  void submit(SinkItem item) throws InterruptedException, SQLException {
    turn.lockInterruptibly();
    try {
      requireTaking();
      awaitRoom();
      if (waiting.isEmpty()) {
        pass(item);
      } else {
        passAround(item);
        waiting.tell(Reach.GOES_ON);
      }
    } finally {
      turn.unlock();
    }
  }

  /** See {@link org.tidbbinlog.drainer.sink.Sink#takeNoMore}. */
  void takeNoMore() {
    ending = true;
  }

  private void requireTaking() throws InterruptedException {
    if (ending) {
      throw new InterruptedException("nothing more is taken");
    }
  }

  private void awaitRoom() throws InterruptedException {
    if (!isFull()) {
      return;
    }
    waiting.tell(Reach.AT_ITS_LIMIT);
    LOG.atWarn()
        .addKeyValue("behind", acks.size())
        .addKeyValue("waiting-bytes", waiting.bytes())
        .addKeyValue("after", acks.lowWatermark())
        .log(
            waiting.isEmpty()
                ? "target has not taken the oldest transaction for long, nothing more is taken"
                : "stream behind a held ddl is as far as it may go, nothing more is taken");
    while (isFull()) {
      var unused = moved.awaitNanos(LOOK_AROUND.toNanos());
      engine.requireRunning();
      requireTaking();
    }
  }

  private boolean isFull() {
    return acks.isFull() || (!waiting.isEmpty() && waiting.bytes() >= mostBytes);
  }

  /** Nothing is held. */
  private void pass(SinkItem item) throws InterruptedException, SQLException {
    switch (item.kind()) {
      case TRANSACTION -> passRows((SinkItem.Transaction) item);
      case PROGRESS -> acks.addProgress((SinkItem.Progress) item);
      case DDL -> passDdl((SinkItem.Ddl) item);
    }
  }

  private void passRows(SinkItem.Transaction item) throws InterruptedException, SQLException {
    if (heldRows.isUnsettled(item.commitTs())) {
      waitWhole(item);
      advance();
      return;
    }
    PendingItem pending = acks.open(item);
    Rest rest = handOver.all(pending, item);
    if (rest.waiting().isEmpty()) {
      acks.done(pending);
    } else {
      waiting.add(pending, DdlReach.tables(rest.waiting()));
      advance(); // It is the first, so it is held.
    }
  }

  private void passDdl(SinkItem.Ddl item) throws InterruptedException, SQLException {
    while (!engine.awaitAppliedOrCalledBack()) {
      takeBack();
      if (!waiting.isEmpty()) {
        passAround(item);
        return;
      }
    }
    requireTaking();
    engine.forgetKeys();
    PendingItem pending = acks.open(item); // Before it runs: whoever ends now must know of it.
    try {
      run(item);
      acks.done(pending);
    } catch (RefusedDdlException refusal) {
      requireHolding(refusal);
      waiting.add(pending, executor.reach(item));
      hold(refusal.ddl());
    }
  }

  private void run(SinkItem.Ddl item) throws InterruptedException, SQLException {
    executor.execute(item);
    missing.lookAgain();
    airlock.passed(item.commitTs());
    item.times().mark(StageTimes.Stage.APPLIED, clock.nanoTime());
  }

  private void requireHolding(RefusedDdlException refusal) {
    switch (airlock.policy()) {
      case STOP -> throw refusal;
      case HOLD -> {}
    }
  }

  private void hold(HeldDdl ddl) {
    LOG.atError()
        .addKeyValue("sql", ddl.statementText())
        .addKeyValue("schema", ddl.schema())
        .addKeyValue("tables", ddl.tables())
        .addKeyValue("commit-ts", ddl.commitTs())
        .addKeyValue("job", ddl.jobId())
        .addKeyValue("error", ddl.error())
        .addKeyValue("ways-out", String.join(" | ", ddl.waysOut()))
        .log(
            ddl.isOfRows()
                ? "rows held: choose with tidb-binlog ddl"
                : "ddl held: choose with tidb-binlog ddl");
    waiting.tell(Reach.GOES_ON);
    airlock.hold(ddl, waiting::behind);
  }

  /** A DDL is held. */
  private void passAround(SinkItem item) throws InterruptedException, SQLException {
    switch (item.kind()) {
      case PROGRESS -> acks.addProgress((SinkItem.Progress) item);
      case DDL -> {
        SinkItem.Ddl ddl = (SinkItem.Ddl) item;
        waiting.add(acks.open(ddl), executor.reach(ddl));
      }
      case TRANSACTION -> passRowsAround((SinkItem.Transaction) item);
    }
  }

  /** What was chosen for it in an earlier life is done when it is the first. */
  private void waitWhole(SinkItem.Transaction item) throws InterruptedException, SQLException {
    PendingItem pending = acks.open(item);
    Rest rest = handOver.nothing(pending, item);
    waiting.add(pending, DdlReach.tables(rest.waiting()));
  }

  private void passRowsAround(SinkItem.Transaction item) throws InterruptedException, SQLException {
    if (heldRows.isUnsettled(item.commitTs())) {
      waitWhole(item);
      return;
    }
    PendingItem pending = acks.open(item);
    Rest rest = handOver.around(waiting.blocked(), pending, item);
    if (rest.waiting().isEmpty()) {
      waiting.passed();
      acks.done(pending);
    } else {
      waiting.add(pending, DdlReach.tables(rest.waiting()));
    }
  }

  /** A table went away under the workers: what they gave back goes on, or waits, in order. */
  private void takeBack() throws InterruptedException, SQLException {
    while (engine.isCalledBack()) {
      waiting.takeBack(engine.takeBack());
      advance();
    }
  }

  /** What waits goes on in order, as far as it can. */
  private void advance() throws InterruptedException, SQLException {
    Deque<Waiting> still = new ArrayDeque<>();
    DdlReach ahead = DdlReach.NOTHING;
    for (Waiting next : waiting.inOrder()) {
      Optional<Waiting> rest = still.isEmpty() ? goOnFirst(next) : goOn(next, ahead);
      if (rest.isPresent()) {
        still.add(rest.get());
        ahead = ahead.and(rest.get().tables());
      } else {
        acks.done(next.pending());
      }
    }
    waiting.replace(still, ahead);
    waiting.tell(Reach.GOES_ON);
    moved.signalAll();
  }

  /**
   * Something waits before it.
   *
   * @return what still waits of it
   */
  private Optional<Waiting> goOn(Waiting next, DdlReach ahead)
      throws InterruptedException, SQLException {
    return heldRows.isWhole(next.item())
        ? Optional.of(next)
        : rest(next, handOver.again(next, ahead).waiting());
  }

  /** Nothing waits before it. */
  private Optional<Waiting> goOnFirst(Waiting next) throws InterruptedException, SQLException {
    return switch (next.item().kind()) {
      case DDL ->
          mayRun(next) && isRun((SinkItem.Ddl) next.item()) ? Optional.empty() : Optional.of(next);
      case TRANSACTION -> isReady(next) ? rest(next, settled(next)) : Optional.of(next);
      case PROGRESS -> Optional.empty();
    };
  }

  private static Optional<Waiting> rest(Waiting next, Set<TableName> left) {
    return left.isEmpty() ? Optional.empty() : Optional.of(next.with(left));
  }

  /** Its tables are made as it was chosen; false also when rows before it came back. */
  private boolean isReady(Waiting first) throws InterruptedException, SQLException {
    if (!heldRows.hasStatements(first.item().commitTs())) {
      return true;
    }
    if (!mayRun(first) || !engine.awaitIdle(FOREVER)) {
      return false;
    }
    engine.forgetKeys();
    Optional<HeldDdl> refused = heldRows.runStatements(first);
    refused.ifPresent(this::hold);
    return refused.isEmpty();
  }

  /**
   * Hands it over and does what was chosen for its rows, or holds it.
   *
   * @return tables whose rows still wait: the target has no such tables
   */
  private Set<TableName> settled(Waiting first) throws InterruptedException, SQLException {
    Rest rest = handOver.again(first, DdlReach.NOTHING);
    if (heldRows.leaveOut(first, rest)) {
      rest = handOver.again(first.with(rest.waiting()), DdlReach.NOTHING);
    }
    Optional<HeldDdl> held = heldRows.stillHeld(first, rest);
    held.ifPresent(this::hold);
    if (held.isEmpty()) {
      heldRows.passed(first.item().commitTs());
    }
    return rest.waiting();
  }

  private boolean mayRun(Waiting first) {
    return !airlock.awaitsChoice(first.item().commitTs());
  }

  /** Everything before it is handed over; false also when rows of that came back. */
  private boolean isRun(SinkItem.Ddl item) throws InterruptedException, SQLException {
    if (!engine.awaitIdle(FOREVER)) {
      return false;
    }
    engine.forgetKeys();
    try {
      run(item);
      return true;
    } catch (RefusedDdlException refusal) {
      requireHolding(refusal);
      hold(refusal.ddl());
      return false;
    }
  }

  private void failed(Throwable failure) {
    engine.failed(
        failure instanceof SQLException refusal
            ? TargetConnector.refused(executor.settings(), refusal)
            : failure);
  }

  private boolean isChosen() throws InterruptedException {
    airlock.awaitChoice();
    return true;
  }

  private void carryOutChoice() throws InterruptedException, SQLException {
    takeBack();
    advance();
  }

  /**
   * Waits for what is under way; false at once when a DDL is held: what is behind it stays. A
   * choice that is being carried out is under way.
   */
  boolean drain(Duration limit) throws InterruptedException {
    long endNs = clock.nanoTime() + limit.toNanos();
    long restNs = limit.toNanos();
    do {
      if (waiting.isHolding() && airlock.state() == DdlAirlock.State.HELD) {
        var unused = engine.awaitIdle(Duration.ofNanos(restNs));
        return false;
      }
      // In short waits: rows may come back and be held meanwhile.
      if (engine.awaitApplied(Duration.ofNanos(Math.min(restNs, LOOK_AROUND.toNanos())))) {
        return true;
      }
      restNs = endNs - clock.nanoTime();
    } while (restNs > 0);
    return false;
  }

  @Override
  public void close() {
    others.close();
  }
}
