package org.tidbbinlog.sinks.mysql.apply;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.OnDivergence;
import org.tidbbinlog.sinks.mysql.rows.PlannedStatement;
import org.tidbbinlog.sinks.mysql.rows.PlannedStatement.SqlMode;
import org.tidbbinlog.sinks.mysql.rows.SqlText;
import org.tidbbinlog.sinks.mysql.rows.StatementPlanner;
import org.tidbbinlog.sinks.mysql.target.SqlSession;
import org.tidbbinlog.sinks.mysql.target.TargetConnector;

/**
 * One transaction of the target: begin, ledger, rows, commit, in as few round trips as the packet
 * size allows; usually one. Where a wrong row count must be acted on, it is looked at before the
 * commit. One thread, one use.
 */
final class TargetTransaction {
  private static final String STRICT =
      "set session sql_mode=" + SqlText.string(TargetConnector.STRICT_MODE);
  private static final String LENIENT =
      "set session sql_mode=" + SqlText.string(TargetConnector.LENIENT_MODE);

  /** What restores a session after an error in the middle. */
  static final String RESET = "rollback;" + STRICT;

  private static final int DIVERGENCES_HELD = 1000;

  private final SqlSession session;
  private final StatementPlanner planner;
  private final SinkCounters counters;
  private final OnDivergence onDivergence;
  private final int packetChars;
  private final Clock clock;
  private final StringBuilder packet = new StringBuilder();
  private final List<PlannedStatement> inPacket = new ArrayList<>();
  private final List<Integer> positions = new ArrayList<>();
  private final List<Divergence> divergences = new ArrayList<>();
  private final List<String> sentPackets = new ArrayList<>();
  private int statements;
  private SqlMode mode = SqlMode.STRICT;

  /** A row count that is not as expected; told when it is known to have come about. */
  private record Divergence(String what, PlannedStatement statement, int count) {}

  /**
   * @param mark the statement of {@link org.tidbbinlog.sinks.mysql.ledger.LoopbackMarker}, or empty
   */
  TargetTransaction(
      SqlSession session,
      StatementPlanner planner,
      SinkCounters counters,
      OnDivergence onDivergence,
      int packetChars,
      Clock clock,
      String ledgerSwap,
      String mark) {
    this.session = session;
    this.planner = planner;
    this.counters = counters;
    this.onDivergence = onDivergence;
    this.packetChars = packetChars;
    this.clock = clock;
    append("begin");
    append(ledgerSwap);
    if (!mark.isEmpty()) {
      append(mark);
    }
  }

  void add(List<PlannedStatement> planned) throws SQLException {
    for (PlannedStatement statement : planned) {
      add(statement);
    }
  }

  private void add(PlannedStatement statement) throws SQLException {
    if (packet.length() + statement.sql().length() > packetChars && statements > 0) {
      send();
    }
    if (statement.sqlMode() != mode) {
      append(statement.sqlMode() == SqlMode.LENIENT ? LENIENT : STRICT);
      mode = statement.sqlMode();
    }
    positions.add(statements);
    inPacket.add(statement);
    append(statement.sql());
  }

  private void append(String sql) {
    packet.append(statements == 0 ? "" : ";").append(sql);
    statements++;
  }

  void commit() throws SQLException {
    if (mode != SqlMode.STRICT) {
      append(STRICT);
      mode = SqlMode.STRICT;
    }
    boolean checkFirst =
        onDivergence == OnDivergence.STOP
            || inPacket.stream().anyMatch(PlannedStatement::isCheckedBeforeCommit);
    if (checkFirst) {
      send();
    }
    append("commit");
    send();
    tellDivergences();
  }

  /** What was sent, when the counters' listener wants it. */
  List<String> sentPackets() {
    return sentPackets;
  }

  private void tellDivergences() {
    divergences.forEach(one -> counters.diverged(one.what(), one.statement(), one.count()));
    divergences.clear();
  }

  private void send() throws SQLException {
    long start = clock.nanoTime();
    String sql = packet.toString();
    List<PlannedStatement> sent = List.copyOf(inPacket);
    List<Integer> at = List.copyOf(positions);
    packet.setLength(0);
    inPacket.clear();
    positions.clear();
    statements = 0;
    List<Integer> counts = session.executeAll(sql);
    if (counters.wantsBatches()) {
      sentPackets.add(sql);
    }
    counters.queried(sql.equals("commit") ? "commit" : "exec", (clock.nanoTime() - start) / 1e9);
    for (int i = 0; i < sent.size(); i++) {
      check(sent.get(i), counts.get(at.get(i)));
    }
  }

  private void check(PlannedStatement statement, int count) throws SQLException {
    int expected = statement.expectedRows();
    if (expected == PlannedStatement.ANY || count == expected) {
      return;
    }
    String what = count < expected ? "rows were missing" : "more rows than expected";
    divergences.add(new Divergence(what, statement, count));
    if (divergences.size() == DIVERGENCES_HELD) {
      tellDivergences();
    }
    if (onDivergence == OnDivergence.STOP) {
      tellDivergences();
      throw new OperatorException(
          "target diverges: "
              + statement.kind()
              + " on "
              + statement.first().shape().table().quotedName()
              + " at commit ts "
              + statement.first().commitTs()
              + " changed "
              + count
              + " rows where the binlog has "
              + expected
              + "; repair the table, or set on-divergence = \"warn\"");
    }
    if (statement.isCheckedBeforeCommit() && count == 0) {
      for (PlannedStatement mending : planner.planMending(statement.first())) {
        if (mending.sqlMode() == SqlMode.LENIENT) {
          session.executeAll(LENIENT + ";" + mending.sql() + ";" + STRICT);
        } else {
          session.execute(mending.sql());
        }
      }
    }
  }
}
