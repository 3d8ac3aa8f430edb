package org.tidbbinlog.sinks.mysql.ddl;

import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.airlock.DdlAirlock;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings;
import org.tidbbinlog.sinks.mysql.apply.Patience;
import org.tidbbinlog.sinks.mysql.apply.SinkCounters;
import org.tidbbinlog.sinks.mysql.ddl.DdlEvidence.Effect;
import org.tidbbinlog.sinks.mysql.ddl.DdlWatcher.Step;
import org.tidbbinlog.sinks.mysql.ledger.DdlMark;
import org.tidbbinlog.sinks.mysql.ledger.Ledger;
import org.tidbbinlog.sinks.mysql.target.SessionMark;
import org.tidbbinlog.sinks.mysql.target.SqlSession;
import org.tidbbinlog.sinks.mysql.target.TargetConnector;
import org.tidbbinlog.sinks.mysql.target.TargetFault;
import org.tidbbinlog.sinks.mysql.target.TargetTables;

/**
 * Runs DDL alone, when everything before it is in the target, on a connection of its own without a
 * read timeout. The ledger is told before and after. When the answer is lost, or we were killed in
 * between, the target is looked at: what is done is not done again. Used by the submitting thread.
 */
public final class DdlExecutor {
  private static final Logger LOG = LoggerFactory.getLogger(DdlExecutor.class);

  private final TargetConnector connector;
  private final Ledger ledger;
  private final TargetTables tables;
  private final SinkCounters counters;
  private final Clock clock;
  private final RandomGenerator random;
  private final DdlAirlock airlock;
  private final DdlRewriter rewriter;
  private final DdlSender sender;
  private final FootprintReader footprints;
  private final DropKeeper keeper;
  private final DdlLookout lookout;
  private final DdlWatcher watcher;

  public DdlExecutor(
      TargetConnector connector,
      Ledger ledger,
      TargetTables tables,
      SinkCounters counters,
      Clock clock,
      RandomGenerator random,
      DdlAirlock airlock,
      DdlWatcher watcher) {
    this.connector = connector;
    this.ledger = ledger;
    this.tables = tables;
    this.counters = counters;
    this.clock = clock;
    this.random = random;
    this.airlock = airlock;
    this.rewriter = new DdlRewriter(connector.dialect(), connector.settings().session().sqlMode());
    this.footprints = new FootprintReader(connector.dialect());
    this.lookout = new DdlLookout(connector, airlock, clock);
    DdlWire wire = new DdlWire(connector.settings().loopback()::marked, lookout);
    this.keeper = new DropKeeper(connector, ledger.clusterId(), wire, clock);
    this.sender = new DdlSender(connector, counters, keeper, wire);
    this.watcher = watcher;
  }

  public MysqlTargetSettings settings() {
    return connector.settings();
  }

  /**
   * @throws RefusedDdlException when it cannot go on: names the statement and the ways out
   */
  public void execute(SinkItem.Ddl item) throws SQLException, InterruptedException {
    if (item.execution() == SinkItem.Execution.FORGET_ONLY || item.job().action().isSilent()) {
      forget(item);
      return;
    }
    DdlScript script = DdlScript.of(rewriter, item, airlock.choices(item.commitTs()));
    if (script.plans().isEmpty() && script.revision() == 0) {
      throw new DdlErrors(item, script, 0).nothingToSend();
    }
    try {
      carryOut(script, item);
      counters.events("DDL", 1);
    } finally {
      forget(script.plans(), item);
    }
  }

  /**
   * Runs what was chosen to make tables for the rows of a transaction, from where it stands.
   * Everything before the transaction is in the target.
   *
   * @param rows what would stand in the place of a DDL
   * @throws RefusedDdlException when it cannot go on: names the statement
   */
  public void makeTables(SinkItem.Ddl rows) throws SQLException, InterruptedException {
    DdlScript script = DdlScript.ofRows(rewriter, airlock.choices(rows.commitTs()));
    DdlMark mark = ledger.lastDdl();
    try {
      if (script.isLost() && mark.isTablesMade()) {
        mark(DdlMark.doneBefore(rows.commitTs())); // Its rows went on: what is chosen now is new.
        return;
      }
      if (script.isLost() && mark.revision() > 0) {
        // What is chosen from here on counts from nothing.
        mark(DdlMark.held(rows.commitTs(), mark.statement(), mark.statements(), 0));
      }
      carryOut(script, rows);
    } finally {
      tables.forgetAll();
    }
  }

  /** How many statements were chosen to make tables for the rows of a transaction. */
  public int statementsToMakeTables(Tso commitTs) {
    return DdlScript.ofRows(rewriter, airlock.choices(commitTs)).plans().size();
  }

  /** Whether statements were begun for the DDL, or the rows, of that commit timestamp. */
  public boolean isUnderWay(Tso commitTs) {
    return ledger.lastDdl().isUnderWay(commitTs);
  }

  private void carryOut(DdlScript script, SinkItem.Ddl item)
      throws SQLException, InterruptedException {
    DdlScript.Start start = script.start(ledger.lastDdl(), item);
    if (!start.contradiction().isEmpty()) {
      throw new DdlErrors(item, script, start.statement()).endUnknown(start.contradiction());
    }
    Optional<Footprint> begun =
        start.begun() ? Optional.of(Footprint.parse(start.footprint())) : Optional.empty();
    for (int i = start.statement(); i < script.plans().size(); i++) {
      report(script.plans().get(i), item);
      if (!script.plans().get(i).isNothing()) {
        run(script, item, i, begun);
      }
      begun = Optional.empty();
    }
    DdlMark end = script.end(item.commitTs());
    if (!ledger.lastDdl().equals(end)) {
      mark(end);
    }
  }

  private void report(DdlPlan plan, SinkItem.Ddl item) {
    for (String what : plan.skipped()) {
      counters.ddlPartSkipped();
      LOG.atWarn()
          .addKeyValue("left-out", what)
          .addKeyValue("query", DdlErrors.shortened(item.query()))
          .addKeyValue("commit-ts", item.commitTs())
          .log("ddl part unknown to the target left out");
    }
  }

  /**
   * @param begun what its tables were like before it began in an earlier life; empty when it has
   *     not
   */
  private void run(DdlScript script, SinkItem.Ddl item, int statement, Optional<Footprint> begun)
      throws SQLException, InterruptedException {
    DdlPlan plan = script.plans().get(statement);
    int statements = script.plans().size();
    Optional<Footprint> before = begun;
    @Nullable SessionMark sent = null;
    Patience patience = newPatience();
    while (true) {
      try (SqlSession session = DdlTurn.open(connector, ledger.ddlLock())) {
        patience.tryBegins();
        if (sent != null) {
          DdlTurn.awaitEnd(session, sent, clock, random);
        }
        if (before.isPresent() && isDone(session, script, item, statement, before.get())) {
          LOG.atInfo().addKeyValue("commit-ts", item.commitTs()).log("ddl found done");
        } else {
          if (before.isEmpty()) {
            Footprint now = footprints.read(session, plan, item);
            watcher.reached(Step.BEFORE_INTENT, statement);
            ledger.markDdl(
                session,
                DdlMark.started(
                    item.commitTs(), statement, statements, script.revision(), now.text()));
            before = Optional.of(now);
          }
          sent = session.mark();
          watcher.reached(Step.AFTER_INTENT, statement);
          sender.send(session, script, item, statement);
        }
        watcher.reached(Step.AFTER_STATEMENT, statement);
        if (statement == statements - 1) {
          ledger.markDdl(session, script.end(item.commitTs()));
          watcher.reached(Step.AFTER_DONE, statement);
        }
        return;
      } catch (SQLException e) {
        TargetFault fault = TargetFault.of(e);
        if (!fault.isPassing()) {
          markHeld(script, item, statement);
          throw new DdlErrors(item, script, statement).refused(e);
        }
        LOG.atWarn()
            .addKeyValue("error", TargetFault.brief(e))
            .addKeyValue("commit-ts", item.commitTs())
            .log("ddl interrupted, looking at the target");
        if (!patience.waitOnce(fault)) {
          throw e;
        }
      }
    }
  }

  /** So that whoever goes on later does not take somebody's work by hand for this statement's. */
  private void markHeld(DdlScript script, SinkItem.Ddl item, int statement)
      throws SQLException, InterruptedException {
    mark(DdlMark.held(item.commitTs(), statement, script.plans().size(), script.revision()));
  }

  private void mark(DdlMark mark) throws SQLException, InterruptedException {
    Patience patience = newPatience();
    while (true) {
      try (SqlSession session = connector.open()) {
        ledger.markDdl(session, mark);
        return;
      } catch (SQLException e) {
        TargetFault fault = TargetFault.of(e);
        if (!fault.isPassing() || !patience.waitOnce(fault)) {
          throw e;
        }
      }
    }
  }

  private Patience newPatience() {
    return new Patience(clock, random, connector.settings().apply().retryLimit());
  }

  private boolean isDone(
      SqlSession session, DdlScript script, SinkItem.Ddl item, int statement, Footprint before)
      throws SQLException, InterruptedException {
    DdlPlan plan = script.plans().get(statement);
    DdlOutcome outcome =
        switch (plan.head().kind()) {
          case CREATE_DATABASE, DROP_DATABASE, DROP_TABLE, DROP_VIEW, DROP_SEQUENCE, RESURRECT ->
              DdlEvidence.look(session, plan, item) == Effect.THERE
                      && !keeper.isDatabaseComingBack(plan, item)
                  ? DdlOutcome.DONE
                  : DdlOutcome.NOT_DONE;
          default -> DdlOutcome.of(plan, item, before, footprints.read(session, plan, item));
        };
    if (outcome == DdlOutcome.UNKNOWN) {
      throw new DdlErrors(item, script, statement)
          .endUnknown("the target does not tell how it ended");
    }
    return outcome == DdlOutcome.DONE && !keeper.isUnfinished(session, plan, item);
  }

  /** The tables whose rows must wait for a DDL. */
  public DdlReach reach(SinkItem.Ddl item) {
    return DdlReach.of(item, rewriter.plan(item));
  }

  /** Asks the target about a statement that takes long. */
  void lookAtRunning() {
    lookout.look();
  }

  /** Drops tables that were kept long enough. Any thread; a fault of the target is only told. */
  void cleanUp() throws InterruptedException {
    if (!keeper.isOn()) {
      return;
    }
    try (SqlSession session = connector.open()) {
      keeper.cleanUp(session, () -> ledger.lastDdl().underWay());
    } catch (SQLException e) {
      LOG.atWarn().addKeyValue("error", TargetFault.brief(e)).log("kept tables not cleaned up");
    }
  }

  /** Drops what is known of the tables a DDL is about. */
  public void forget(SinkItem.Ddl item) {
    forget(rewriter.plan(item), item);
  }

  private void forget(List<DdlPlan> plans, SinkItem.Ddl item) {
    if (!item.obstacle().isNone()) {
      tables.forgetAll();
    }
    tables.forget(item.schema(), item.table());
    for (DdlPlan plan : plans) {
      switch (plan.head().kind()) {
        case CREATE_DATABASE, ALTER_DATABASE, DROP_DATABASE -> tables.forgetSchema(item.schema());
        case OTHER, RESURRECT -> tables.forgetAll();
        default -> {
          for (TableRef table : plan.head().tables()) {
            tables.forget(table.schemaOr(item.schema()), table.table());
          }
        }
      }
      if (plan.sql().toLowerCase(Locale.ROOT).contains("exchange")) {
        tables.forgetAll();
      }
    }
  }
}
