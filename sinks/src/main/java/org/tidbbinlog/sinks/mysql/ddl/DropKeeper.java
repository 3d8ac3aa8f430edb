package org.tidbbinlog.sinks.mysql.ddl;

import java.sql.SQLException;
import java.time.Duration;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.sinks.mysql.target.SqlSession;

/**
 * Which statements move tables aside or back instead of what they say; none when nothing is kept.
 */
final class DropKeeper {
  private final Duration keep;
  private final KeptTables tables;

  /**
   * @param keep zero: nothing is kept
   */
  DropKeeper(Duration keep, KeptTables tables) {
    this.keep = keep;
    this.tables = tables;
  }

  boolean isOn() {
    return !keep.isZero();
  }

  /**
   * Keeps what a statement would take away; may be done again after a crash.
   *
   * @return true when nothing of the statement is left to do
   */
  boolean moveAside(SqlSession session, DdlPlan plan, SinkItem.Ddl item) throws SQLException {
    if (!isOn() || plan.head().scope() != DdlHead.Scope.SHARED) {
      return false;
    }
    return switch (plan.head().kind()) {
      case DROP_TABLE ->
          tables.drop(session, schema(plan, item), table(plan, item), item)
              == KeptTables.Moved.DONE;
      case TRUNCATE_TABLE ->
          tables.truncate(session, schema(plan, item), table(plan, item), item)
              == KeptTables.Moved.DONE;
      case DROP_DATABASE -> {
        tables.empty(session, item.schema(), item);
        yield false;
      }
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
  BroughtBack bringBack(SqlSession session, SinkItem.Ddl item) throws SQLException {
    return isOn() ? tables.bringBack(session, item) : BroughtBack.NOTHING_KEPT;
  }

  /** A database is there before all its tables are back: to be there proves nothing. */
  boolean isDatabaseComingBack(DdlPlan plan, SinkItem.Ddl item) {
    return isOn() && plan.head().kind() == DdlHead.Kind.RESURRECT && item.table().isEmpty();
  }

  void cleanUp(SqlSession session) throws SQLException {
    tables.cleanUp(session, keep);
  }
}
