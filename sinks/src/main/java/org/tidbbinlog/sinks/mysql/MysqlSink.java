package org.tidbbinlog.sinks.mysql;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.airlock.DdlAirlock;
import org.tidbbinlog.drainer.sink.Applying;
import org.tidbbinlog.drainer.sink.Sink;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.SinkListener;
import org.tidbbinlog.drainer.sink.StageTimes;
import org.tidbbinlog.sinks.mysql.apply.AckQueue;
import org.tidbbinlog.sinks.mysql.apply.ApplyEngine;
import org.tidbbinlog.sinks.mysql.apply.SinkCounters;
import org.tidbbinlog.sinks.mysql.ddl.DdlExecutor;
import org.tidbbinlog.sinks.mysql.ddl.DdlUpkeep;
import org.tidbbinlog.sinks.mysql.ddl.DdlWatcher;
import org.tidbbinlog.sinks.mysql.ledger.Ledger;
import org.tidbbinlog.sinks.mysql.ledger.LoopbackMarker;
import org.tidbbinlog.sinks.mysql.target.TargetConnector;
import org.tidbbinlog.sinks.mysql.target.TargetTables;

/**
 * Applies the stream to MariaDB, MySQL or TiDB: rows in parallel by key, DDL alone, each exactly
 * once (I6, I7); around a DDL that the target refuses by {@link DdlGate}. {@link #submit} and
 * {@link #drain} are for one thread.
 */
public final class MysqlSink implements Sink {
  private final Clock clock;
  private final Ledger ledger;
  private final TargetTables tables;
  private final AckQueue acks;
  private final ApplyEngine engine;
  private final DdlExecutor ddl;
  private final DdlGate gate;
  private final DdlUpkeep upkeep;
  private final SinkCounters counters;
  private final Tso alreadyApplied;

  private MysqlSink(
      TargetConnector connector,
      Ledger ledger,
      SinkListener listener,
      SinkCounters counters,
      Clock clock,
      RandomGenerator random,
      DdlAirlock airlock,
      DdlWatcher watcher) {
    this.clock = clock;
    this.ledger = ledger;
    this.counters = counters;
    this.tables = new TargetTables();
    this.alreadyApplied = ledger.recoveredWatermark();
    this.acks = new AckQueue(listener, clock, alreadyApplied);
    this.engine =
        new ApplyEngine(connector, ledger, tables, acks, listener, counters, clock, random);
    this.ddl =
        new DdlExecutor(connector, ledger, tables, counters, clock, random, airlock, watcher);
    this.upkeep =
        new DdlUpkeep(
            ddl, () -> counters.maybeSumUpDivergences(clock.now()), clock, engine::failed);
    MissingTables missing = new MissingTables(airlock, counters, clock, acks::lowWatermark);
    this.gate =
        new DdlGate(
            engine,
            acks,
            ddl,
            airlock,
            missing,
            new HeldRows(airlock, ddl, missing, alreadyApplied),
            clock,
            connector.settings().apply().maxInFlightBytes());
  }

  /**
   * Opens the ledger, refuses a second Drainer, starts the workers.
   *
   * @param clusterId PD cluster id of the upstream
   * @throws OperatorException when the target cannot be used
   */
  public static MysqlSink open(
      MysqlTargetSettings settings,
      long clusterId,
      ResumeFrom resume,
      SinkListener listener,
      SinkCounters counters,
      Clock clock,
      RandomGenerator random) {
    return open(
        TargetConnector.probe(settings),
        clusterId,
        resume,
        listener,
        counters,
        clock,
        random,
        DdlAirlock.stopping(clock),
        DdlWatcher.NONE);
  }

  /**
   * As above, with somebody to ask about a DDL that the target refuses.
   *
   * @param airlock where it is held, when its policy says so
   */
  static MysqlSink open(
      MysqlTargetSettings settings,
      long clusterId,
      ResumeFrom resume,
      SinkListener listener,
      SinkCounters counters,
      Clock clock,
      RandomGenerator random,
      DdlAirlock airlock) {
    return open(
        TargetConnector.probe(settings),
        clusterId,
        resume,
        listener,
        counters,
        clock,
        random,
        airlock,
        DdlWatcher.NONE);
  }

  static MysqlSink open(
      TargetConnector connector,
      long clusterId,
      ResumeFrom resume,
      SinkListener listener,
      SinkCounters counters,
      Clock clock,
      RandomGenerator random,
      DdlAirlock airlock,
      DdlWatcher watcher) {
    Ledger ledger = Ledger.open(connector, clusterId, resume, clock);
    prepareMarks(connector, ledger);
    MysqlSink sink =
        new MysqlSink(connector, ledger, listener, counters, clock, random, airlock, watcher);
    sink.engine.start();
    sink.gate.start();
    sink.upkeep.start();
    ledger.keepAlive(sink.engine::failed);
    return sink;
  }

  private static void prepareMarks(TargetConnector connector, Ledger ledger) {
    try {
      new LoopbackMarker(connector.settings().loopback())
          .prepare(connector, connector.settings().effectiveWorkers());
    } catch (RuntimeException e) {
      ledger.close();
      throw e;
    }
  }

  @Override
  public void submit(SinkItem item) throws InterruptedException {
    try {
      engine.requireRunning();
      pass(item);
    } finally {
      if (acks.newest().isBefore(item.commitTs())) {
        item.giveRowsBack(); // It did not come so far that somebody would.
      }
    }
  }

  private void pass(SinkItem item) throws InterruptedException {
    try {
      switch (item.kind()) {
        case TRANSACTION -> submitRows((SinkItem.Transaction) item);
        case DDL -> submitDdl((SinkItem.Ddl) item);
        case PROGRESS -> gate.submit(item);
      }
    } catch (SQLException e) {
      RuntimeException failure = TargetConnector.refused(ddl.settings(), e);
      engine.failed(failure);
      throw failure;
    } catch (RuntimeException | Error e) {
      engine.failed(e);
      throw e;
    }
  }

  private void submitRows(SinkItem.Transaction transaction)
      throws InterruptedException, SQLException {
    transaction.times().mark(StageTimes.Stage.SUBMITTED, clock.nanoTime());
    if (transaction.commitTs().isAfter(alreadyApplied)) {
      gate.submit(transaction);
    } else {
      acks.addApplied(transaction);
    }
  }

  private void submitDdl(SinkItem.Ddl item) throws InterruptedException, SQLException {
    item.times().mark(StageTimes.Stage.SUBMITTED, clock.nanoTime());
    if (item.commitTs().isAfter(alreadyApplied)) {
      gate.submit(item);
    } else {
      engine.awaitApplied(DdlGate.FOREVER);
      engine.forgetKeys();
      ddl.forget(item);
      item.times().mark(StageTimes.Stage.APPLIED, clock.nanoTime());
      acks.addApplied(item);
    }
  }

  @Override
  public void takeNoMore() {
    gate.takeNoMore();
  }

  @Override
  public boolean drain(Duration limit) throws InterruptedException {
    return gate.drain(limit);
  }

  @Override
  public Tso foundUpTo() {
    return ledger.recoveredUpTo();
  }

  @Override
  public boolean mayHoldBeyond(Tso commitTs) {
    return ledger.safeModeUntil().max(ledger.recoveredUpTo()).isAfter(commitTs);
  }

  @Override
  public Optional<Applying> applying() {
    return acks.applying();
  }

  /** What has been counted since the start. */
  public SinkCounters counters() {
    return counters;
  }

  /** Everything up to here is at the target. */
  public Tso lowWatermark() {
    return acks.lowWatermark();
  }

  public int rowsInFlight() {
    return engine.unitsInFlight();
  }

  public long bytesInFlight() {
    return engine.bytesInFlight();
  }

  @Override
  public void close() {
    gate.close();
    upkeep.close();
    engine.close();
    counters.sumUpDivergences(clock.now());
    ledger.close();
  }
}
