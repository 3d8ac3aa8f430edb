package org.tidbbinlog.sinks.mysql.apply;

import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.OnDivergence;
import org.tidbbinlog.sinks.mysql.ledger.AppliedRows;
import org.tidbbinlog.sinks.mysql.ledger.Ledger;
import org.tidbbinlog.sinks.mysql.rows.StatementPlanner;
import org.tidbbinlog.sinks.mysql.target.SqlSession;
import org.tidbbinlog.sinks.mysql.target.TargetConnector;

/** What all workers share. */
record ApplyContext(
    TargetConnector connector,
    Ledger ledger,
    Workers workers,
    AckQueue acks,
    TargetShapes shapes,
    StatementPlanner planner,
    SinkCounters counters,
    Clock clock,
    RandomGenerator random,
    Consumer<Throwable> onFailure,
    Runnable onLostTable) {
  /** Rows of one transaction that are turned into statements at a time. */
  static final int ROWS_PLANNED_TOGETHER = 500;

  private static final int PACKET_CHARS = 1 << 20;

  Patience patience() {
    return new Patience(clock, random, connector.settings().apply().retryLimit());
  }

  AppliedRows recovered() {
    return ledger.recovered();
  }

  boolean stopsOnDivergence() {
    return connector.settings().apply().onDivergence() == OnDivergence.STOP;
  }

  TargetTransaction newTransaction(SqlSession session, Pace pace, String ledgerSwap, String mark) {
    int packetChars = (int) Math.min(PACKET_CHARS, connector.maxAllowedPacket() / 4);
    return new TargetTransaction(
        session,
        planner,
        counters,
        connector.settings().apply().onDivergence(),
        packetChars,
        clock,
        pace,
        ledgerSwap,
        mark);
  }

  void failed(Throwable cause) {
    onFailure.accept(cause);
  }

  /** Rows cannot be written since their table is gone from the target. */
  void lostTable() {
    onLostTable.run();
  }
}
