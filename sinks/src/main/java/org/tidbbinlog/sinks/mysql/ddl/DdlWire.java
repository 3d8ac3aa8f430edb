package org.tidbbinlog.sinks.mysql.ddl;

import java.sql.SQLException;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.sinks.mysql.target.SqlSession;

/**
 * How a statement that may take long goes to the target: with the mark against loops, told in the
 * log, and under the eyes of the {@link DdlLookout} until its answer is there. Used by the thread
 * that runs DDL.
 */
final class DdlWire {
  private static final Logger LOG = LoggerFactory.getLogger(DdlWire.class);

  private final UnaryOperator<String> marked;
  private final DdlLookout lookout;

  /**
   * @param marked puts the mark against loops to a DDL
   */
  DdlWire(UnaryOperator<String> marked, DdlLookout lookout) {
    this.marked = marked;
    this.lookout = lookout;
  }

  void send(SqlSession session, SinkItem.Ddl item, String sql)
      throws SQLException, InterruptedException {
    LOG.atInfo()
        .addKeyValue("sql", DdlErrors.shortened(sql))
        .addKeyValue("schema", item.schema())
        .addKeyValue("commit-ts", item.commitTs())
        .log("ddl started");
    lookout.begins(session, item.commitTs(), sql);
    try {
      session.executeUntilGivenUp(marked.apply(sql));
    } finally {
      lookout.ends();
    }
  }
}
