package org.tidbbinlog.sinks.mysql.apply;

import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.sinks.mysql.rows.PlannedStatement;
import org.tidbbinlog.sinks.mysql.rows.StatementPlanner;
import org.tidbbinlog.sinks.mysql.target.TableName;
import org.tidbbinlog.sinks.mysql.target.TargetConnector;
import org.tidbbinlog.sinks.mysql.target.TargetFault;

/**
 * A row, or a whole transaction, that the target does not take and will not take when asked again:
 * what is wrong and what somebody can do about it.
 */
record RefusedUnit(ApplyUnit unit, SQLException error) {
  private static final int STATEMENT_CHARS = 1000;

  /** For the operator; of a statement that is our mistake it is none that an operator can mend. */
  RuntimeException exception(TargetConnector connector, StatementPlanner planner) {
    String what =
        "target refuses "
            + (unit.isTransaction() ? "transaction" : unit.op().change().kind())
            + " on "
            + unit.tables().stream()
                .map(table -> TableName.of(table).quoted())
                .collect(Collectors.joining(", "))
            + " at commit ts "
            + unit.transaction().commitTs()
            + ": "
            + TargetFault.brief(error);
    return TargetFault.of(error) == TargetFault.BUG
        ? new IllegalStateException(what + fault() + statements(planner), error)
        : new OperatorException(what + wayOut(connector), error);
  }

  private String fault() {
    return "; unless a trigger of the table says so, this is a fault of the Drainer and not of the"
        + " table: nothing of this "
        + (unit.isTransaction() ? "transaction" : "row")
        + " is applied, nothing is lost; keep the log and the Pumps' data and report this line";
  }

  private String statements(StatementPlanner planner) {
    if (unit.isTransaction()) {
      return "";
    }
    String sql =
        planner.plan(List.of(unit.op())).stream()
            .map(PlannedStatement::sql)
            .collect(Collectors.joining("; "));
    boolean fits = sql.length() <= STATEMENT_CHARS;
    return "; statement: " + (fits ? sql : sql.substring(0, STATEMENT_CHARS) + "...");
  }

  private String wayOut(TargetConnector connector) {
    return switch (TargetFault.of(error)) {
      case PACKET_TOO_LARGE ->
          "; one row is larger than the target's max_allowed_packet ("
              + connector.maxAllowedPacket()
              + "): raise it";
      case ACCESS -> "; grant the privilege to " + connector.settings().endpoint();
      case NULL_IN_NOT_NULL, OTHER -> ofColumn();
      case DUPLICATE_KEY, STRUCTURE ->
          "; make the target's table take the row, or leave it out with ignore-table or"
              + " ignore-txn-commit-ts";
      default -> "";
    };
  }

  /** Source: the manuals' lists of server errors; strictness is ours, whatever its sql_mode. */
  private String ofColumn() {
    String mend =
        switch (error.getErrorCode()) {
          case 1048, 1263 -> "let the column be NULL at the target, as it is upstream";
          case 1364 ->
              "give the column that upstream does not have a default at the target, or let it be"
                  + " NULL";
          case 1406 -> "widen the column at the target to upstream's length";
          case 1264, 1690 -> "widen the column at the target to upstream's type and sign";
          case 1366 -> "give the column upstream's type and character set at the target";
          case 1292, 1367, 1411 ->
              "give the column upstream's type at the target: its own has no such value";
          case 1265 ->
              "give the column upstream's type at the target, an ENUM or SET all of its members";
          case 1526 -> "add a partition for the value at the target";
          case 1451, 1452, 1216, 1217 -> "drop the foreign key at the target";
          case 3819, 4025 -> "drop the CHECK constraint at the target";
          case 1906, 3105 -> "make the column an ordinary one at the target, as it is upstream";
          case 1288, 1471 -> "put a table in the place of the view at the target";
          case 1644 -> "drop the trigger at the target that refuses the row";
          case 8004 -> "lower txn-batch, or raise the target's txn-total-size-limit";
          case 8025 -> "raise the target's txn-entry-size-limit";
          case 8175 -> "lower txn-batch, or raise the target's tidb_mem_quota_query";
          default ->
              "make the target's table take the row, or leave it out with ignore-table or"
                  + " ignore-txn-commit-ts";
        };
    return "; " + mend + ", then start again; nothing is lost, this row comes again";
  }
}
