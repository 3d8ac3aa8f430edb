package org.tidbbinlog.sinks.mysql.ddl;

import java.sql.SQLException;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.sinks.mysql.target.TargetFault;

/** What the operator reads when a DDL cannot go on: the statement, the reason, the ways out. */
final class DdlErrors {
  private static final int SHORT = 300;

  private DdlErrors() {}

  static OperatorException refused(SinkItem.Ddl item, DdlPlan plan, SQLException error) {
    String sent = plan.sql().equals(item.query()) ? "" : "; sent as: " + shortened(plan.sql());
    return new OperatorException(
        head(item) + " is refused by the target: " + TargetFault.brief(error) + sent + ways(item),
        error);
  }

  static OperatorException held(SinkItem.Ddl item, String why) {
    return new OperatorException(head(item) + " is held: " + why + ways(item));
  }

  static OperatorException endUnknown(SinkItem.Ddl item, int statement, String why) {
    return new OperatorException(
        head(item)
            + " is held: statement "
            + (statement + 1)
            + " of it was interrupted, and "
            + why
            + "; see whether it has taken effect there, run what is missing by hand, then start"
            + " again with ignore-txn-commit-ts = ["
            + item.commitTs()
            + "]");
  }

  private static String head(SinkItem.Ddl item) {
    return "DDL at commit ts "
        + item.commitTs()
        + " in schema "
        + item.schema()
        + " ["
        + shortened(item.query())
        + "]";
  }

  private static String ways(SinkItem.Ddl item) {
    return "; run an equivalent by hand, then start again with ignore-txn-commit-ts = ["
        + item.commitTs()
        + "]";
  }

  static String shortened(String sql) {
    String line = sql.replaceAll("\\s+", " ").strip();
    return line.length() <= SHORT ? line : line.substring(0, SHORT) + "...";
  }
}
