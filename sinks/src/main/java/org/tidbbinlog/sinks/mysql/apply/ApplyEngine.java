package org.tidbbinlog.sinks.mysql.apply;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.SinkListener;
import org.tidbbinlog.node.process.DaemonThread;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings;
import org.tidbbinlog.sinks.mysql.ledger.Ledger;
import org.tidbbinlog.sinks.mysql.rows.RowShapes;
import org.tidbbinlog.sinks.mysql.rows.StatementPlanner;
import org.tidbbinlog.sinks.mysql.target.TableName;
import org.tidbbinlog.sinks.mysql.target.TargetConnector;
import org.tidbbinlog.sinks.mysql.target.TargetTables;

/**
 * The row half of the sink: dispatcher, workers, acknowledgements. {@link #apply}, {@link
 * #awaitApplied} and {@link #forgetKeys} are for the submitting thread.
 */
public final class ApplyEngine implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ApplyEngine.class);
  private static final int STATEMENT_CHARS = 256 << 10;

  private final Workers workers;
  private final AckQueue acks;
  private final Dispatcher dispatcher;
  private final StructureReader reader;
  private final TargetShapes shapes;
  private final SinkListener listener;
  private final List<ApplyWorker> runners = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  public ApplyEngine(
      TargetConnector connector,
      Ledger ledger,
      TargetTables tables,
      AckQueue acks,
      SinkListener listener,
      SinkCounters counters,
      Clock clock,
      RandomGenerator random) {
    MysqlTargetSettings settings = connector.settings();
    MysqlTargetSettings.Apply modes = settings.apply();
    this.acks = acks;
    this.listener = listener;
    this.workers =
        new Workers(settings.effectiveWorkers(), modes.txnBatch(), modes.maxInFlightBytes());
    counters.workers(workers.count(), workers::load);
    this.shapes =
        new TargetShapes(
            tables,
            new RowShapes(modes.columns()),
            modes.safeMode(),
            ledger.safeModeUntil(),
            settings.loopback());
    StatementPlanner planner =
        new StatementPlanner(
            connector.dialect(),
            modes.columns(),
            (int) Math.min(STATEMENT_CHARS, connector.maxAllowedPacket() / 8));
    ApplyContext context =
        new ApplyContext(
            connector,
            ledger,
            workers,
            acks,
            shapes,
            planner,
            counters,
            clock,
            random,
            this::failed,
            this::callBack);
    this.reader = new StructureReader(connector, context::patience);
    this.dispatcher =
        new Dispatcher(
            workers,
            shapes,
            reader,
            ledger.recovered(),
            new Dispatcher.ApplyModes(modes.dispatch(), modes.detection(), modes.txnBatch()));
    for (int i = 0; i < workers.count(); i++) {
      ApplyWorker worker = new ApplyWorker(i, context);
      runners.add(worker);
      Thread thread = new Thread(worker, "sinks-mysql-worker-" + i);
      thread.setDaemon(true);
      threads.add(thread);
    }
  }

  public void start() {
    threads.forEach(Thread::start);
  }

  /**
   * Hands the rows of some tables to the workers; blocks while too much is in flight.
   *
   * @param pending the transaction, from {@link AckQueue#open}; stays open
   * @param turns what becomes of each table's rows
   * @return what was not handed over
   */
  public Rest apply(
      PendingItem pending, SinkItem.Transaction transaction, Function<TableName, Turn> turns)
      throws InterruptedException, SQLException {
    requireRunning();
    try {
      return dispatcher.dispatch(pending, transaction, turns);
    } catch (StructureReader.CutShort e) {
      requireRunning();
      throw e.interrupt();
    } catch (InterruptedException e) {
      requireRunning();
      throw e;
    }
  }

  /**
   * Waits until all rows handed over are in the target, acknowledged or not; false when the limit
   * passed first, or the workers were called back.
   */
  public boolean awaitIdle(Duration limit) throws InterruptedException {
    requireRunning();
    boolean idle = workers.awaitIdle(limit.toNanos());
    requireRunning();
    return idle;
  }

  public TargetTables.Reader reader() {
    return reader;
  }

  /** Waits until everything is acknowledged; false when the limit passed first. */
  public boolean awaitApplied(Duration limit) throws InterruptedException {
    requireRunning();
    boolean done = acks.awaitEmpty(limit.toNanos(), () -> false);
    requireRunning();
    return done;
  }

  /** Waits until everything is acknowledged; false when the workers were called back. */
  public boolean awaitAppliedOrCalledBack() throws InterruptedException {
    requireRunning();
    boolean done = acks.awaitEmpty(Long.MAX_VALUE, workers::isCalledBack);
    requireRunning();
    return done;
  }

  private void callBack() {
    workers.callBack();
    acks.lookAgain();
  }

  /** Whether a table is gone and all workers come to rest: see {@link #takeBack}. */
  public boolean isCalledBack() {
    return workers.isCalledBack();
  }

  /** Waits until {@link #isCalledBack}; false when the engine has stopped. */
  public boolean awaitCalledBack() throws InterruptedException {
    return workers.awaitCalledBack();
  }

  /**
   * Waits until all workers rest, takes back what they have not written, and lets them go on: the
   * rows are handed over again, in order, by {@link #apply}. For the submitting thread.
   *
   * @return the items they are of, in commit order
   */
  public List<PendingItem> takeBack() throws InterruptedException {
    List<ApplyUnit> uncommitted = workers.takeBack();
    requireRunning();
    shapes.forgetAll();
    List<PendingItem> items = dispatcher.takeBack(uncommitted);
    LOG.atWarn()
        .addKeyValue("units", uncommitted.size())
        .addKeyValue("transactions", items.size())
        .log("rows taken back from the workers");
    return items;
  }

  /** Everything is applied: no key has an owner. */
  public void forgetKeys() {
    dispatcher.forgetKeys();
  }

  /** Throws what stopped the engine, if anything has. */
  public void requireRunning() {
    Throwable cause = failure.get();
    if (cause != null) {
      throw DaemonThread.unchecked(cause);
    }
  }

  /** The first failure counts; the listener hears of it once. */
  public void failed(Throwable cause) {
    if (failure.compareAndSet(null, cause)) {
      workers.stop();
      acks.giveUp();
      listener.onFailure(cause);
    }
  }

  public int unitsInFlight() {
    return workers.unitsInFlight();
  }

  public long bytesInFlight() {
    return workers.bytesInFlight();
  }

  @Override
  public void close() {
    workers.stop();
    runners.forEach(ApplyWorker::abort);
    for (Thread thread : threads) {
      thread.interrupt();
    }
    for (Thread thread : threads) {
      try {
        thread.join(10_000);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    reader.close();
    acks.giveRowsBack();
  }
}
