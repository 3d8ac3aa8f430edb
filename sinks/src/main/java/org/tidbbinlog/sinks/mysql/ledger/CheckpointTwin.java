package org.tidbbinlog.sinks.mysql.ledger;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings;
import org.tidbbinlog.sinks.mysql.rows.SqlText;
import org.tidbbinlog.sinks.mysql.target.SqlSession;
import org.tidbbinlog.sinks.mysql.target.TargetConnector;

/**
 * What the ledger knows of a checkpoint that is kept on another server. The two cannot be written
 * in one transaction: before each save the ledger notes what is stored and what is about to be, so
 * after a crash the checkpoint is one of the two. The ledger's own name stands in the checkpoint
 * row; where it does not, somebody else wrote the row. Not thread-safe.
 */
public final class CheckpointTwin implements AutoCloseable {
  private final TargetConnector connector;
  private final LedgerTable table;
  private @Nullable SqlSession session;
  private String id = "";

  private CheckpointTwin(TargetConnector connector, long clusterId) {
    this.connector = connector;
    this.table = new LedgerTable(connector.settings().ledgerSchema(), clusterId);
  }

  /**
   * Makes the ledger's table and name where they are missing.
   *
   * @param connector to the target, where the ledger is
   */
  public static CheckpointTwin open(TargetConnector connector, long clusterId) {
    CheckpointTwin twin = new CheckpointTwin(connector, clusterId);
    String schema = connector.settings().ledgerSchema();
    try {
      SqlSession session = twin.session();
      session.execute("create database if not exists " + SqlText.name(schema));
      session.execute(LedgerTable.createTable(schema));
      session.execute(twin.table.insertTwin());
      twin.id = twin.table.readTwin(session).orElseThrow().id();
      return twin;
    } catch (SQLException e) {
      twin.close();
      throw TargetConnector.refused(connector.settings(), e);
    }
  }

  /** The ledger's name. */
  public String id() {
    return id;
  }

  /** Where the ledger is. */
  public MysqlTargetSettings target() {
    return connector.settings();
  }

  /** Durable when this returns. */
  public void aboutToSave(Tso stored, Tso next) throws SQLException {
    try {
      session().execute(table.aboutToSave(stored, next));
    } catch (SQLException e) {
      close();
      throw e;
    }
  }

  private SqlSession session() throws SQLException {
    SqlSession open = session;
    if (open == null || !open.isOpen()) {
      open = connector.open();
      session = open;
    }
    return open;
  }

  @Override
  public void close() {
    SqlSession open = session;
    session = null;
    if (open != null) {
      open.close();
    }
  }
}
