package org.tidbbinlog.sinks.mysql.target;

import java.sql.SQLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.sinks.mysql.rows.SqlText;

/**
 * Which connection of ours that is, also when nothing comes through it any more. Numbers begin
 * again when the server starts, so the port it sees us at counts too.
 *
 * @param number the server's number of the connection
 * @param client address and port of ours as the server sees them; empty where it does not tell
 */
public record SessionMark(long number, String client) {
  private static final Logger LOG = LoggerFactory.getLogger(SessionMark.class);

  /**
   * Ends the connection if the server still has it: after a cut it may hold locks there until the
   * server's own timeout.
   *
   * @param by another connection to the same server
   */
  public void end(SqlSession by) throws SQLException {
    if (client.isEmpty()) {
      return;
    }
    boolean there =
        !by.query(
                "select id from information_schema.processlist where id="
                    + number
                    + " and host="
                    + SqlText.string(client))
            .isEmpty();
    if (!there) {
      return;
    }
    try {
      by.execute("kill " + number);
      LOG.atInfo()
          .addKeyValue("connection", number)
          .addKeyValue("client", client)
          .log("lost connection ended at the target");
    } catch (SQLException e) {
      if (TargetFault.of(e) == TargetFault.CONNECTION) {
        throw e;
      }
      // It ended by itself, or this target does not let us: its own timeout remains.
    }
  }
}
