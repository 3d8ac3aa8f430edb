package org.tidbbinlog.sinks.mysql.ledger;

import java.sql.SQLException;
import org.tidbbinlog.drainer.filter.Loopback;
import org.tidbbinlog.sinks.mysql.rows.SqlText;
import org.tidbbinlog.sinks.mysql.target.SqlSession;
import org.tidbbinlog.sinks.mysql.target.TargetConnector;

/**
 * Writes the marks of {@link Loopback}: one row a worker, changed in each of its transactions. The
 * rows are made where they are missing and never deleted, so that nobody's transaction goes without
 * a mark because somebody else left. Thread-safe. Source: drainer section 13.
 */
public final class LoopbackMarker {
  private static final String TABLE = SqlText.name(Loopback.MARK_SCHEMA, Loopback.MARK_TABLE);

  private final Loopback loopback;

  public LoopbackMarker(Loopback loopback) {
    this.loopback = loopback;
  }

  /** Makes the original's table, and the rows of so many workers. */
  public void prepare(TargetConnector connector, int workers) {
    if (!loopback.isOn()) {
      return;
    }
    try (SqlSession session = connector.open()) {
      session.execute("create database if not exists " + SqlText.name(Loopback.MARK_SCHEMA));
      session.execute(
          "create table if not exists "
              + TABLE
              + " (id bigint not null, channel_id bigint not null default 0, val bigint default 0,"
              + " channel_info varchar(64), primary key (id, channel_id))");
      session.execute("begin");
      for (int i = 0; i < workers; i++) {
        session.execute(statement(i));
      }
      session.execute("commit");
    } catch (SQLException e) {
      throw TargetConnector.refused(connector.settings(), e);
    }
  }

  /** What goes into each transaction of a worker; empty when nothing is marked. */
  public String statement(int worker) {
    return loopback.isOn()
        ? "insert into "
            + TABLE
            + " (id,channel_id,val,channel_info) values ("
            + worker
            + ","
            + loopback.channelId()
            + ",1,'') on duplicate key update val=val+1"
        : "";
  }
}
