package org.tidbbinlog.sinks.mysql.apply;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.drainer.sink.Divergence;
import org.tidbbinlog.drainer.sink.RowChange;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.OnDivergence;
import org.tidbbinlog.sinks.mysql.rows.PlannedStatement;
import org.tidbbinlog.sinks.mysql.rows.PlannedStatement.SqlMode;
import org.tidbbinlog.sinks.mysql.rows.RowOp;
import org.tidbbinlog.sinks.mysql.rows.SqlText;
import org.tidbbinlog.sinks.mysql.rows.StatementPlanner;
import org.tidbbinlog.sinks.mysql.target.SqlSession;
import org.tidbbinlog.sinks.mysql.target.TargetConnector;
import org.tidbbinlog.sinks.mysql.target.TargetFault;

/**
 * One transaction of the target: begin, ledger, rows, commit, in as few round trips as the packet
 * size allows; usually one. Where a wrong row count must be acted on, it is looked at before the
 * commit. What is wrong is told when it is committed. One thread, one use.
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
  private final Pace pace;
  private final StringBuilder packet = new StringBuilder();
  private final List<PlannedStatement> inPacket = new ArrayList<>();
  private final List<Integer> positions = new ArrayList<>();
  private final Map<RowChange.Kind, Integer> written = new EnumMap<>(RowChange.Kind.class);
  private final List<Noticed> noticed = new ArrayList<>();
  private final List<String> sentPackets = new ArrayList<>();
  private int statements;
  private SqlMode mode = SqlMode.STRICT;
  private Stage stage = Stage.ROWS;

  /** How far it is. */
  private enum Stage {
    ROWS,
    COMMIT_SENT
  }

  /** Told when it is known to have come about. */
  private record Noticed(Divergence what, int rowCount) {}

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
      Pace pace,
      String ledgerSwap,
      String mark) {
    this.session = session;
    this.planner = pace == Pace.ROW_BY_ROW ? planner.oneRowAStatement() : planner;
    this.counters = counters;
    this.onDivergence = onDivergence;
    this.packetChars = packetChars;
    this.clock = clock;
    this.pace = pace;
    append("begin");
    append(ledgerSwap);
    if (!mark.isEmpty()) {
      append(mark);
    }
  }

  /**
   * @throws UnclearRowException when all of it must be rolled back and written row by row
   */
  void write(List<RowOp> ops) throws SQLException, UnclearRowException {
    add(planner.plan(ops));
    ops.forEach(op -> written.merge(op.change().kind(), 1, Integer::sum));
  }

  private void add(List<PlannedStatement> planned) throws SQLException, UnclearRowException {
    for (PlannedStatement statement : planned) {
      add(statement);
    }
  }

  private void add(PlannedStatement statement) throws SQLException, UnclearRowException {
    while (statements > 0 && !hasRoomFor(statement)) {
      send(); // What it mends is in the packet now.
    }
    if (statement.sqlMode() != mode) {
      append(statement.sqlMode() == SqlMode.LENIENT ? LENIENT : STRICT);
      mode = statement.sqlMode();
    }
    positions.add(statements);
    inPacket.add(statement);
    append(statement.sql());
  }

  private boolean hasRoomFor(PlannedStatement statement) {
    return pace == Pace.TOGETHER && packet.length() + statement.sql().length() <= packetChars;
  }

  private void append(String sql) {
    packet.append(statements == 0 ? "" : ";").append(sql);
    statements++;
  }

  /**
   * @throws UnclearRowException when all of it must be rolled back and written row by row
   */
  void commit() throws SQLException, UnclearRowException {
    while (isCheckedFirst()) {
      send();
    }
    if (mode != SqlMode.STRICT) {
      append(STRICT);
      mode = SqlMode.STRICT;
    }
    append("commit");
    stage = Stage.COMMIT_SENT;
    send();
    tell();
  }

  /** What is found when it is too late cannot be mended, nor told row by row. */
  private boolean isCheckedFirst() {
    if (inPacket.isEmpty()) {
      return false;
    }
    return onDivergence == OnDivergence.STOP
        || pace == Pace.ROW_BY_ROW
        || inPacket.stream().anyMatch(PlannedStatement::isMendedWhenMissed)
        || (counters.namesDivergences()
            && inPacket.stream().anyMatch(PlannedStatement::mayMissOneOfSeveral));
  }

  boolean isCommitSent() {
    return stage == Stage.COMMIT_SENT;
  }

  /** What was sent, when the counters' listener wants it. */
  List<String> sentPackets() {
    return sentPackets;
  }

  /** It is committed: what it wrote, and what it met. */
  void tell() {
    written.forEach(counters::wrote);
    written.clear();
    noticed.forEach(one -> counters.diverged(one.what, one.rowCount));
    noticed.clear();
  }

  private void send() throws SQLException, UnclearRowException {
    long start = clock.nanoTime();
    String sql = packet.toString();
    List<PlannedStatement> sent = List.copyOf(inPacket);
    List<Integer> at = List.copyOf(positions);
    packet.setLength(0);
    inPacket.clear();
    positions.clear();
    statements = 0;
    if (counters.wantsBatches()) {
      sentPackets.add(sql);
    }
    List<Integer> counts;
    try {
      counts = session.executeAll(sql);
    } catch (SQLException e) {
      requireDuplicate(sent, e);
      mend(sent.get(0));
      return;
    }
    counters.queried(sql.equals("commit") ? "commit" : "exec", (clock.nanoTime() - start) / 1e9);
    for (int i = 0; i < sent.size(); i++) {
      check(sent.get(i), counts.get(at.get(i)), i == sent.size() - 1);
    }
  }

  /** Such an error ends its statement only: what is there is replaced and the rest goes on. */
  private void requireDuplicate(List<PlannedStatement> sent, SQLException error)
      throws SQLException {
    boolean duplicate =
        pace == Pace.ROW_BY_ROW
            && sent.size() == 1
            && sent.get(0).mayMeetDuplicates()
            && TargetFault.of(error) == TargetFault.DUPLICATE_KEY;
    if (!duplicate) {
      throw error;
    }
    PlannedStatement statement = sent.get(0);
    diverges(
        statement,
        new Divergence(
            clock.now(),
            statement.first().commitTs(),
            statement.first().shape().table().quotedName(),
            statement.firstKeyAfter(),
            "the row is there already: " + TargetFault.brief(error)),
        1);
  }

  private void check(PlannedStatement statement, int count, boolean isLast)
      throws SQLException, UnclearRowException {
    int expected = statement.expectedRows();
    if (expected == PlannedStatement.ANY || count == expected) {
      return;
    }
    boolean mended = statement.isMendedWhenMissed() && count == 0;
    if (pace == Pace.TOGETHER && stage == Stage.ROWS) {
      boolean named = onDivergence == OnDivergence.STOP || counters.namesDivergences();
      if ((named && statement.mayMissOneOfSeveral()) || (mended && !isLast)) {
        throw new UnclearRowException();
      }
    }
    diverges(
        statement,
        new Divergence(
            clock.now(),
            statement.firstBefore().commitTs(),
            statement.first().shape().table().quotedName(),
            statement.firstKeyBefore(),
            what(statement, count)),
        Math.max(1, Math.abs(expected - count)));
    if (mended) {
      mend(statement);
    }
  }

  private static String what(PlannedStatement statement, int count) {
    int expected = statement.expectedRows();
    if (statement.rowCount() > 1) {
      return Math.abs(expected - count)
          + (count < expected ? " rows missing" : " rows too many")
          + " of "
          + statement.rowCount()
          + " of which this is the first";
    }
    return count < expected ? "the row is missing" : "there are " + count + " such rows";
  }

  /** Many are held until the commit; of very many only the number. */
  private void diverges(PlannedStatement statement, Divergence what, int rowCount) {
    if (onDivergence == OnDivergence.STOP) {
      counters.diverged(what, rowCount);
      throw new OperatorException(
          "target diverges: "
              + statement.kind()
              + " on "
              + what.table()
              + " of the row "
              + what.key()
              + " at commit ts "
              + what.commitTs()
              + ": "
              + what.what()
              + "; repair the table, or set on-divergence = \"warn\"");
    }
    int last = noticed.size() - 1;
    if (noticed.size() < DIVERGENCES_HELD) {
      noticed.add(new Noticed(what, rowCount));
    } else {
      noticed.set(last, new Noticed(what, noticed.get(last).rowCount + rowCount));
    }
  }

  private void mend(PlannedStatement statement) throws SQLException, UnclearRowException {
    add(planner.planMending(statement));
  }
}
