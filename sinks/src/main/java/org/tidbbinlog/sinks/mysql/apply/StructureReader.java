package org.tidbbinlog.sinks.mysql.apply;

import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tidbbinlog.sinks.mysql.target.SqlSession;
import org.tidbbinlog.sinks.mysql.target.TargetConnector;
import org.tidbbinlog.sinks.mysql.target.TargetFault;
import org.tidbbinlog.sinks.mysql.target.TargetTables;

/** Reads the target's structure for the submitting thread, over a connection that comes back. */
final class StructureReader implements TargetTables.Reader, AutoCloseable {
  /** Makes a new patience for each fault. */
  interface Patiences {
    Patience patience();
  }

  /** The wait for the target was interrupted, which is no fault of anybody's. */
  static final class CutShort extends SQLException {
    private static final long serialVersionUID = 1L;

    private CutShort(InterruptedException cause) {
      super("interrupted", cause);
    }

    InterruptedException interrupt() {
      InterruptedException interrupt = new InterruptedException("while the target was away");
      interrupt.initCause(this);
      return interrupt;
    }
  }

  private final TargetConnector connector;
  private final Patiences patiences;
  private @Nullable SqlSession session;

  StructureReader(TargetConnector connector, Patiences patiences) {
    this.connector = connector;
    this.patiences = patiences;
  }

  @Override
  public List<List<String>> query(String sql) throws SQLException {
    Patience patience = patiences.patience();
    while (true) {
      try {
        return session().query(sql);
      } catch (SQLException e) {
        close();
        TargetFault fault = TargetFault.of(e);
        if (!fault.isPassing() || !waited(patience, fault)) {
          throw e;
        }
      }
    }
  }

  private static boolean waited(Patience patience, TargetFault fault) throws CutShort {
    try {
      return patience.waitOnce(fault);
    } catch (InterruptedException e) {
      throw new CutShort(e);
    }
  }

  private SqlSession session() throws SQLException {
    SqlSession open = session;
    if (open == null) {
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
