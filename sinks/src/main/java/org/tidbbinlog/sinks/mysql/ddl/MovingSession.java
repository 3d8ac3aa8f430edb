package org.tidbbinlog.sinks.mysql.ddl;

import java.sql.SQLException;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.sinks.mysql.target.SqlSession;

/** The session that moves tables aside or back for one DDL. */
record MovingSession(SqlSession sql, SinkItem.Ddl item, DdlWire wire) {
  void run(String ddl) throws SQLException, InterruptedException {
    wire.send(sql, item, ddl);
  }
}
