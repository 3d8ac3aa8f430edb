package org.tidbbinlog.sinks.mysql.ddl;

import java.sql.SQLException;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.sinks.mysql.target.SqlSession;

/**
 * Errors by which the target says that it is so already. The number alone is never believed: the
 * target is looked at. Source: mysql-translate section 6.
 */
final class HarmlessErrors {
  private static final int DATABASE_EXISTS = 1007;
  private static final int NO_DATABASE_TO_DROP = 1008;
  private static final int TABLE_EXISTS = 1050;
  private static final int NO_TABLE_TO_DROP = 1051;
  private static final int NO_SUCH_COLUMN = 1054;
  private static final int COLUMN_EXISTS = 1060;
  private static final int INDEX_EXISTS = 1061;
  private static final int NOTHING_TO_DROP = 1091;
  private static final int NO_SUCH_TABLE = 1146;
  private static final int NO_SUCH_INDEX = 1176;
  private static final int SAME_INDEX_EXISTS = 1831;
  private static final int PRIMARY_KEY_IS_VISIBLE = 3522;
  private static final int PRIMARY_KEY_IS_NOT_IGNORED = 4174;
  private static final int NO_SEQUENCE_TO_DROP = 4091;
  private static final int NO_VIEW_TO_DROP = 4092;

  private HarmlessErrors() {}

  /** The target says it is so already, and its structure shows it. */
  static boolean isOne(SqlSession session, DdlPlan plan, SinkItem.Ddl item, SQLException error)
      throws SQLException {
    return switch (error.getErrorCode()) {
      case DATABASE_EXISTS,
          NO_DATABASE_TO_DROP,
          NO_TABLE_TO_DROP,
          NO_SEQUENCE_TO_DROP,
          NO_VIEW_TO_DROP,
          TABLE_EXISTS,
          NO_SUCH_COLUMN,
          COLUMN_EXISTS,
          INDEX_EXISTS,
          NOTHING_TO_DROP,
          NO_SUCH_TABLE,
          NO_SUCH_INDEX,
          SAME_INDEX_EXISTS ->
          isAsWanted(session, plan, item, error.getErrorCode());
      // A key that stands in for the primary one is always seen, which changes no row.
      case PRIMARY_KEY_IS_VISIBLE, PRIMARY_KEY_IS_NOT_IGNORED ->
          AlterEvidence.isVisibilityAlone(plan);
      default -> false;
    };
  }

  private static boolean isAsWanted(SqlSession session, DdlPlan plan, SinkItem.Ddl item, int code)
      throws SQLException {
    return switch (plan.head().kind()) {
      case CREATE_INDEX -> AlterEvidence.isCreated(session, plan, item);
      case DROP_INDEX -> code == NOTHING_TO_DROP && AlterEvidence.isDropped(session, plan, item);
      case ALTER_TABLE -> AlterEvidence.isAltered(session, plan, item);
      case TRUNCATE_TABLE -> false;
      default -> DdlEvidence.look(session, plan, item) == DdlEvidence.Effect.THERE;
    };
  }
}
