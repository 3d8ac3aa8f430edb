package org.tidbbinlog.sinks.mysql.ddl;

import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings;
import org.tidbbinlog.sinks.mysql.apply.Patience;
import org.tidbbinlog.sinks.mysql.apply.SinkCounters;
import org.tidbbinlog.sinks.mysql.ddl.DdlEvidence.Effect;
import org.tidbbinlog.sinks.mysql.ddl.DdlWatcher.Step;
import org.tidbbinlog.sinks.mysql.ledger.DdlMark;
import org.tidbbinlog.sinks.mysql.ledger.Ledger;
import org.tidbbinlog.sinks.mysql.rows.SqlText;
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
  private static final Logger log = LoggerFactory.getLogger(DdlExecutor.class);
  private static final int UNKNOWN_COLLATION = 1273;

  private final TargetConnector connector;
  private final Ledger ledger;
  private final TargetTables tables;
  private final SinkCounters counters;
  private final Clock clock;
  private final RandomGenerator random;
  private final DdlRewriter rewriter;
  private final FootprintReader footprints;
  private final DdlWatcher watcher;

  public DdlExecutor(
      TargetConnector connector,
      Ledger ledger,
      TargetTables tables,
      SinkCounters counters,
      Clock clock,
      RandomGenerator random,
      DdlWatcher watcher) {
    this.connector = connector;
    this.ledger = ledger;
    this.tables = tables;
    this.counters = counters;
    this.clock = clock;
    this.random = random;
    this.rewriter = new DdlRewriter(connector.dialect(), connector.settings().session().sqlMode());
    this.footprints = new FootprintReader(connector.dialect());
    this.watcher = watcher;
  }

  public MysqlTargetSettings settings() {
    return connector.settings();
  }

  /**
   * @throws OperatorException when the target refuses it: names the statement and the ways out
   */
  public void execute(SinkItem.Ddl item) throws SQLException, InterruptedException {
    if (item.execution() == SinkItem.Execution.FORGET_ONLY || item.job().action().isSilent()) {
      forget(item);
      return;
    }
    List<DdlPlan> plans = rewriter.plan(item);
    if (plans.isEmpty()) {
      throw DdlErrors.held(item, "the binlog carries no text for it");
    }
    try {
      int first = firstStatement(item, plans.size());
      for (int i = first; i < plans.size(); i++) {
        report(plans.get(i), item);
        if (!plans.get(i).isNothing()) {
          run(plans.get(i), item, i, plans.size());
        }
      }
      if (plans.get(plans.size() - 1).isNothing()) {
        markDone(item);
      }
      counters.events("DDL", 1);
    } finally {
      forget(plans, item);
    }
  }

  private void report(DdlPlan plan, SinkItem.Ddl item) {
    for (String what : plan.skipped()) {
      counters.ddlPartSkipped();
      log.atWarn()
          .addKeyValue("left-out", what)
          .addKeyValue("query", DdlErrors.shortened(item.query()))
          .addKeyValue("commit-ts", item.commitTs())
          .log("ddl part unknown to the target left out");
    }
  }

  /** The statement that was about to run when we were stopped; all before it have run. */
  private int firstStatement(SinkItem.Ddl item, int statements) {
    DdlMark mark = ledger.recoveredDdl();
    if (!mark.isStarted(item.commitTs())) {
      return 0;
    }
    if (mark.statements() != statements) {
      throw DdlErrors.endUnknown(
          item,
          mark.statement(),
          "it was then read as " + mark.statements() + " statements, now as " + statements);
    }
    return mark.statement();
  }

  private void run(DdlPlan plan, SinkItem.Ddl item, int statement, int statements)
      throws SQLException, InterruptedException {
    DdlMark mark = ledger.recoveredDdl();
    boolean begun = mark.isStarted(item.commitTs()) && mark.statement() == statement;
    Footprint before = begun ? Footprint.parse(mark.footprint()) : Footprint.NONE;
    @Nullable SessionMark sent = null;
    @Nullable Patience patience = null;
    while (true) {
      try (SqlSession session = DdlTurn.open(connector, ledger.ddlLock())) {
        if (sent != null) {
          DdlTurn.awaitEnd(session, sent, clock, random);
        }
        if (begun && isDone(session, plan, item, statement, before)) {
          log.atInfo().addKeyValue("commit-ts", item.commitTs()).log("ddl found done");
        } else {
          if (!begun) {
            before = footprints.read(session, plan, item);
            watcher.reached(Step.BEFORE_INTENT, statement);
            ledger.markDdl(
                session, DdlMark.started(item.commitTs(), statement, statements, before.text()));
            begun = true;
          }
          sent = session.mark();
          watcher.reached(Step.AFTER_INTENT, statement);
          send(session, plan, item);
        }
        watcher.reached(Step.AFTER_STATEMENT, statement);
        if (statement == statements - 1) {
          ledger.markDdl(session, DdlMark.done(item.commitTs()));
          watcher.reached(Step.AFTER_DONE, statement);
        }
        return;
      } catch (SQLException e) {
        if (!TargetFault.of(e).isPassing()) {
          throw DdlErrors.refused(item, plan, e);
        }
        log.atWarn()
            .addKeyValue("error", TargetFault.brief(e))
            .addKeyValue("commit-ts", item.commitTs())
            .log("ddl interrupted, looking at the target");
        patience = patience == null ? newPatience() : patience;
        if (!patience.waitOnce()) {
          throw e;
        }
      }
    }
  }

  /** Counts from the first failure: a statement may take any time before that. */
  private Patience newPatience() {
    return new Patience(clock, random, connector.settings().apply().retryLimit());
  }

  private void markDone(SinkItem.Ddl item) throws SQLException {
    try (SqlSession session = connector.open()) {
      ledger.markDdl(session, DdlMark.done(item.commitTs()));
    }
  }

  private boolean isDone(
      SqlSession session, DdlPlan plan, SinkItem.Ddl item, int statement, Footprint before)
      throws SQLException {
    DdlOutcome outcome =
        switch (plan.head().kind()) {
          case CREATE_DATABASE, DROP_DATABASE, DROP_TABLE, DROP_VIEW, DROP_SEQUENCE, RESURRECT ->
              DdlEvidence.look(session, plan, item) == Effect.THERE
                  ? DdlOutcome.DONE
                  : DdlOutcome.NOT_DONE;
          default -> DdlOutcome.of(plan, item, before, footprints.read(session, plan, item));
        };
    if (outcome == DdlOutcome.UNKNOWN) {
      throw DdlErrors.endUnknown(item, statement, "the target does not tell how it ended");
    }
    return outcome == DdlOutcome.DONE;
  }

  private void send(SqlSession session, DdlPlan plan, SinkItem.Ddl item) throws SQLException {
    if (plan.head().kind() == DdlHead.Kind.RESURRECT) {
      if (DdlEvidence.look(session, plan, item) != Effect.THERE) {
        throw DdlErrors.held(
            item, "it brings back rows that no binlog carries; restore the table by hand");
      }
      return;
    }
    if (!plan.head().isDatabase() && !item.schema().isEmpty()) {
      session.execute("use " + SqlText.name(item.schema()));
    }
    session.execute(DdlTime.setTimestamp(item));
    String sql =
        connector.nameCase() == TargetConnector.NameCase.SENSITIVE
            ? DdlNames.spelled(session, plan, item)
            : plan.sql();
    log.atInfo()
        .addKeyValue("sql", DdlErrors.shortened(sql))
        .addKeyValue("schema", item.schema())
        .addKeyValue("commit-ts", item.commitTs())
        .log("ddl started");
    try {
      session.execute(sql);
    } catch (SQLException e) {
      if (e.getErrorCode() == UNKNOWN_COLLATION) {
        sendRewritten(session, plan, item, sql, e);
      } else {
        passOver(session, plan, item, e);
      }
    }
  }

  private void sendRewritten(
      SqlSession session, DdlPlan plan, SinkItem.Ddl item, String sql, SQLException unknown)
      throws SQLException {
    String rewritten = UnknownCollations.replaced(sql, connector.dialect());
    counters.ddlPartSkipped();
    log.atWarn()
        .addKeyValue("error", TargetFault.brief(unknown))
        .addKeyValue("sql", DdlErrors.shortened(rewritten))
        .addKeyValue("commit-ts", item.commitTs())
        .log("ddl sent again with collations that the target has");
    try {
      session.execute(rewritten);
    } catch (SQLException e) {
      passOver(session, plan, item, e);
    }
  }

  private static void passOver(
      SqlSession session, DdlPlan plan, SinkItem.Ddl item, SQLException error) throws SQLException {
    if (!HarmlessErrors.isOne(session, plan, item, error)) {
      throw error;
    }
    log.atWarn()
        .addKeyValue("error", TargetFault.brief(error))
        .addKeyValue("commit-ts", item.commitTs())
        .log("ddl error passed over");
  }

  /** Drops what is known of the tables a DDL is about. */
  public void forget(SinkItem.Ddl item) {
    forget(rewriter.plan(item), item);
  }

  private void forget(List<DdlPlan> plans, SinkItem.Ddl item) {
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
