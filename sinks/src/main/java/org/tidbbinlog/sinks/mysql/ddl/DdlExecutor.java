package org.tidbbinlog.sinks.mysql.ddl;

import java.sql.SQLException;
import java.util.random.RandomGenerator;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings;
import org.tidbbinlog.sinks.mysql.apply.SinkCounters;
import org.tidbbinlog.sinks.mysql.ledger.Ledger;
import org.tidbbinlog.sinks.mysql.rows.SqlText;
import org.tidbbinlog.sinks.mysql.target.SqlSession;
import org.tidbbinlog.sinks.mysql.target.TargetConnector;
import org.tidbbinlog.sinks.mysql.target.TargetTables;

/** Runs DDL alone, when everything before it is in the target. */
public final class DdlExecutor implements AutoCloseable {
  private final TargetConnector connector;
  private final Ledger ledger;
  private final TargetTables tables;
  private final SinkCounters counters;
  private final Clock clock;
  private final RandomGenerator random;

  public DdlExecutor(
      TargetConnector connector,
      Ledger ledger,
      TargetTables tables,
      SinkCounters counters,
      Clock clock,
      RandomGenerator random) {
    this.connector = connector;
    this.ledger = ledger;
    this.tables = tables;
    this.counters = counters;
    this.clock = clock;
    this.random = random;
  }

  public MysqlTargetSettings settings() {
    return connector.settings();
  }

  public void execute(SinkItem.Ddl item) throws SQLException, InterruptedException {
    tables.forgetAll();
    try (SqlSession session = connector.openForDdl()) {
      ledger.markDdl(session, Ledger.DdlState.STARTED, item.commitTs(), "");
      if (!item.table().isEmpty()) {
        session.execute("use " + SqlText.name(item.schema()));
      }
      session.execute(item.query());
      ledger.markDdl(session, Ledger.DdlState.DONE, item.commitTs(), "");
    }
    counters.events("DDL", 1);
    clock.sleep(java.time.Duration.ZERO);
    random.nextInt();
  }

  public void forget(SinkItem.Ddl item) {
    tables.forgetAll();
  }

  @Override
  public void close() {}
}
