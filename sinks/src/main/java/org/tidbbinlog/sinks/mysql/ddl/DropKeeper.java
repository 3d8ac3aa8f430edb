package org.tidbbinlog.sinks.mysql.ddl;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.sinks.mysql.target.SqlSession;
import org.tidbbinlog.sinks.mysql.target.TargetConnector;

/**
 * Which statements move tables aside or back instead of what they say; none when nothing is kept.
 * The thread that runs DDL and the one that cleans up take turns here: a table that is moved back
 * is not dropped at the same time.
 */
final class DropKeeper {
  private final Duration keep;
  private final DdlWire wire;
  private final KeptTables tables;
  private final KeptReturn back;
  private final KeptCleaning cleaning;
  private final ReentrantLock turn = new ReentrantLock();

  /** Nothing is kept where {@code keep-dropped} is zero. */
  DropKeeper(TargetConnector connector, long clusterId, DdlWire wire, Clock clock) {
    this.keep = connector.settings().keepDropped();
    this.wire = wire;
    UnaryOperator<String> marked = connector.settings().loopback()::marked;
    KeptRegister register =
        new KeptRegister(new KeptRegisterTable(connector.settings().ledgerSchema()), clusterId);
    KeptPlace place = new KeptPlace(register.table(), connector.nameCase());
    ForeignKeys foreignKeys =
        new ForeignKeys(
            connector.dialect().isTiDb()
                ? ForeignKeys.Names.OF_A_TABLE
                : ForeignKeys.Names.OF_A_DATABASE);
    this.tables = new KeptTables(place, register, foreignKeys);
    this.back = new KeptReturn(connector.dialect(), place, register, foreignKeys);
    this.cleaning = new KeptCleaning(place, register, marked, clock);
  }

  /** What a turn is for. */
  private interface Work<T> {
    T done(MovingSession session) throws SQLException, InterruptedException;
  }

  private <T> T inTurn(SqlSession session, SinkItem.Ddl item, Work<T> work)
      throws SQLException, InterruptedException {
    turn.lockInterruptibly();
    try {
      return work.done(new MovingSession(session, item, wire));
    } finally {
      turn.unlock();
    }
  }

  boolean isOn() {
    return !keep.isZero();
  }

  /**
   * Keeps what a statement would take away; may be done again after a crash.
   *
   * @return true when nothing of the statement is left to do
   */
  boolean moveAside(SqlSession session, DdlPlan plan, SinkItem.Ddl item)
      throws SQLException, InterruptedException {
    if (!isOn() || plan.head().scope() != DdlHead.Scope.SHARED) {
      return false;
    }
    return switch (plan.head().kind()) {
      case DROP_TABLE ->
          inTurn(session, item, by -> tables.drop(by, schema(plan, item), table(plan, item)))
              == KeptTables.Moved.DONE;
      case TRUNCATE_TABLE ->
          inTurn(session, item, by -> tables.truncate(by, schema(plan, item), table(plan, item)))
              == KeptTables.Moved.DONE;
      case DROP_DATABASE ->
          inTurn(
              session,
              item,
              by -> {
                tables.empty(by, item.schema());
                return false;
              });
      default -> false;
    };
  }

  /** A DROP of several tables makes one job a table. */
  private static String table(DdlPlan plan, SinkItem.Ddl item) {
    return plan.head().tables().size() == 1 ? plan.head().tables().get(0).table() : item.table();
  }

  private static String schema(DdlPlan plan, SinkItem.Ddl item) {
    return plan.head().tables().size() == 1
        ? plan.head().tables().get(0).schemaOr(item.schema())
        : item.schema();
  }

  /** Whether what a RECOVER or FLASHBACK wants was kept and is in its place again. */
  BroughtBack bringBack(SqlSession session, SinkItem.Ddl item)
      throws SQLException, InterruptedException {
    return isOn() ? inTurn(session, item, back::bringBack) : BroughtBack.NOTHING_KEPT;
  }

  /** A database is there before all its tables are back: to be there proves nothing. */
  boolean isDatabaseComingBack(DdlPlan plan, SinkItem.Ddl item) {
    return isOn() && plan.head().kind() == DdlHead.Kind.RESURRECT && item.table().isEmpty();
  }

  /** Another table in its place is not all of a TRUNCATE: it may still lack its foreign keys. */
  boolean isUnfinished(SqlSession session, DdlPlan plan, SinkItem.Ddl item)
      throws SQLException, InterruptedException {
    return isOn()
        && plan.head().kind() == DdlHead.Kind.TRUNCATE_TABLE
        && plan.author() == DdlPlan.Author.UPSTREAM
        && plan.head().scope() == DdlHead.Scope.SHARED
        && inTurn(
            session, item, by -> tables.isUnfinished(by, schema(plan, item), table(plan, item)));
  }

  /**
   * Drops what was kept long enough, when no table is being moved.
   *
   * @param underWay commit timestamp of the DDL that has not come to its end
   */
  void cleanUp(SqlSession session, Supplier<Optional<Tso>> underWay)
      throws SQLException, InterruptedException {
    if (!turn.tryLock()) {
      return;
    }
    try {
      cleaning.round(session, keep, underWay.get());
    } finally {
      turn.unlock();
    }
  }
}
