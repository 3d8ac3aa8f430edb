package org.tidbbinlog.sinks.mysql.ddl;

import java.sql.SQLException;
import java.util.List;
import org.tidbbinlog.drainer.airlock.HeldDdl;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.sinks.mysql.rows.SqlText;
import org.tidbbinlog.sinks.mysql.target.TargetFault;

/**
 * Why a DDL cannot go on. The message is what the operator reads when the Drainer stops for it: the
 * statement, the reason, the ways out.
 *
 * @param item the DDL
 * @param script its statements
 * @param statement position of the one that cannot go on
 */
record DdlErrors(SinkItem.Ddl item, DdlScript script, int statement) {
  private static final int SHORT = 300;

  RefusedDdlException refused(SQLException error) {
    String sql = script.plans().get(statement).sql();
    String sent = sql.equals(item.query()) ? "" : "; sent as: " + shortened(sql);
    String brief = TargetFault.brief(error);
    return new RefusedDdlException(
        head() + " is refused by the target: " + brief + sent + ways(),
        held(HeldDdl.Reason.REFUSED, brief),
        error);
  }

  RefusedDdlException lostRows() {
    return lostRows(
        "it brings back rows that no binlog carries, and the target has not kept them"
            + " (keep-dropped); restore them by hand");
  }

  /** A database of which only part is there. */
  RefusedDdlException lostTables(List<String> gone) {
    return lostRows(
        "it brings back rows that no binlog carries, and of database "
            + SqlText.name(item.schema())
            + " these tables are not kept any more: "
            + String.join(", ", gone)
            + "; nothing was brought back; restore them by hand in their database, then the others"
            + " follow");
  }

  private RefusedDdlException lostRows(String why) {
    return new RefusedDdlException(
        head() + " is held: " + why + ways(), held(HeldDdl.Reason.LOST_ROWS, why));
  }

  /** There is nothing that could be sent. */
  RefusedDdlException nothingToSend() {
    String why = item.obstacle().why();
    return switch (item.obstacle().kind()) {
      case NONE -> noStatement();
      case NO_ROUTE ->
          new RefusedDdlException(
              head()
                  + " is held by table-migrate-rule: "
                  + why
                  + "; run at the target by hand what is right there, then start again with"
                  + " ignore-txn-commit-ts = ["
                  + item.commitTs()
                  + "], or leave such statements out with a binlog-filter-rule",
              held(HeldDdl.Reason.NO_ROUTE, why));
      case UNKNOWN_ACTION ->
          new RefusedDdlException(
              head()
                  + " is held: "
                  + why
                  + ways()
                  + ", or set syncer.unknown-ddl-action = \"ignore\"",
              held(HeldDdl.Reason.UNKNOWN_ACTION, why));
    };
  }

  private RefusedDdlException noStatement() {
    String why = "the binlog carries no text for it";
    return new RefusedDdlException(
        head() + " is held: " + why + ways(), held(HeldDdl.Reason.NO_STATEMENT, why));
  }

  RefusedDdlException endUnknown(String why) {
    String what = "statement " + (statement + 1) + " of it was interrupted, and " + why;
    return new RefusedDdlException(
        head()
            + " is held: "
            + what
            + "; see whether it has taken effect there, run what is missing by hand, then start"
            + " again with ignore-txn-commit-ts = ["
            + item.commitTs()
            + "]",
        held(HeldDdl.Reason.END_UNKNOWN, what));
  }

  private HeldDdl held(HeldDdl.Reason reason, String error) {
    return new HeldDdl(
        item.commitTs(),
        item.job().id(),
        item.query(),
        item.schema(),
        DdlReach.of(item, script.plans()).names(),
        statement,
        script.plans().size(),
        statement < script.plans().size() ? script.plans().get(statement).sql() : "",
        reason,
        error);
  }

  private String head() {
    return "DDL at commit ts "
        + item.commitTs()
        + " in schema "
        + item.schema()
        + " ["
        + shortened(item.query())
        + "]";
  }

  private String ways() {
    return "; run an equivalent by hand, then start again with ignore-txn-commit-ts = ["
        + item.commitTs()
        + "]";
  }

  static String shortened(String sql) {
    String line = sql.replaceAll("\\s+", " ").strip();
    return line.length() <= SHORT ? line : line.substring(0, SHORT) + "...";
  }
}
