package org.tidbbinlog.sinks.mysql.ddl;

import java.sql.SQLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.sinks.mysql.apply.SinkCounters;
import org.tidbbinlog.sinks.mysql.rows.SqlText;
import org.tidbbinlog.sinks.mysql.target.SqlSession;
import org.tidbbinlog.sinks.mysql.target.TargetConnector;
import org.tidbbinlog.sinks.mysql.target.TargetFault;

/**
 * Gives one statement to the target: upstream's with what this target needs, a person's as it was
 * written. Used by whoever runs the DDL.
 */
final class DdlSender {
  private static final Logger LOG = LoggerFactory.getLogger(DdlSender.class);
  private static final int NO_DATABASE = 1049;

  private final TargetConnector connector;
  private final SinkCounters counters;
  private final DropKeeper keeper;
  private final DdlWire wire;

  DdlSender(TargetConnector connector, SinkCounters counters, DropKeeper keeper, DdlWire wire) {
    this.connector = connector;
    this.counters = counters;
    this.keeper = keeper;
    this.wire = wire;
  }

  void send(SqlSession session, DdlScript script, SinkItem.Ddl item, int statement)
      throws SQLException, InterruptedException {
    DdlPlan plan = script.plans().get(statement);
    boolean asWritten = plan.author() == DdlPlan.Author.OPERATOR;
    if (plan.head().kind() == DdlHead.Kind.RESURRECT && !asWritten) {
      requireBack(session, plan, item, new DdlErrors(item, script, statement));
      return;
    }
    if (!asWritten && keeper.moveAside(session, plan, item)) {
      return;
    }
    if (!plan.head().isDatabase() && !item.schema().isEmpty()) {
      use(session, item.schema(), plan.author());
    }
    plan.zone().enter(session, connector.zoneOfDdl());
    DdlTime.set(session, plan.zone(), item);
    String sql =
        connector.nameCase() == TargetConnector.NameCase.SENSITIVE && !asWritten
            ? DdlNames.spelled(session, plan, item)
            : plan.sql();
    try {
      wire.send(session, item, sql);
    } catch (SQLException e) {
      if (asWritten) {
        throw e; // Who wrote it for this target hears of everything.
      }
      if (e.getErrorCode() == UnknownCollations.ERROR) {
        sendRewritten(session, plan, item, sql, e);
      } else {
        passOver(session, plan, item, e);
      }
    }
    plan.zone().leave(session);
  }

  /** Who writes for this target may write whole names, also before there is such a database. */
  private static void use(SqlSession session, String schema, DdlPlan.Author author)
      throws SQLException {
    try {
      session.execute("use " + SqlText.name(schema));
    } catch (SQLException e) {
      if (author == DdlPlan.Author.UPSTREAM || e.getErrorCode() != NO_DATABASE) {
        throw e;
      }
    }
  }

  private void requireBack(SqlSession session, DdlPlan plan, SinkItem.Ddl item, DdlErrors errors)
      throws SQLException, InterruptedException {
    boolean there = DdlEvidence.look(session, plan, item) == DdlEvidence.Effect.THERE;
    if (there && !keeper.isDatabaseComingBack(plan, item)) {
      return;
    }
    BroughtBack back = keeper.bringBack(session, item);
    switch (back.state()) {
      case DONE -> {}
      case PART_GONE -> throw errors.lostTables(back.gone());
      case NOTHING_KEPT -> {
        if (!there) {
          throw errors.lostRows();
        }
      }
    }
  }

  private void sendRewritten(
      SqlSession session, DdlPlan plan, SinkItem.Ddl item, String sql, SQLException unknown)
      throws SQLException, InterruptedException {
    String rewritten = UnknownCollations.replaced(sql, connector.dialect());
    counters.ddlPartSkipped();
    LOG.atWarn()
        .addKeyValue("error", TargetFault.brief(unknown))
        .addKeyValue("sql", DdlErrors.shortened(rewritten))
        .addKeyValue("commit-ts", item.commitTs())
        .log("ddl sent again with collations that the target has");
    try {
      wire.send(session, item, rewritten);
    } catch (SQLException e) {
      passOver(session, plan, item, e);
    }
  }

  private static void passOver(
      SqlSession session, DdlPlan plan, SinkItem.Ddl item, SQLException error) throws SQLException {
    if (!HarmlessErrors.isOne(session, plan, item, error)) {
      throw error;
    }
    LOG.atWarn()
        .addKeyValue("error", TargetFault.brief(error))
        .addKeyValue("commit-ts", item.commitTs())
        .log("ddl error passed over");
  }
}
