package org.tidbbinlog.sinks.mysql.apply;

import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.sinks.mysql.target.SessionMark;
import org.tidbbinlog.sinks.mysql.target.SqlSession;
import org.tidbbinlog.sinks.mysql.target.TargetConnector;

/**
 * A worker's connection, made when it is needed. One that was silent for long is renewed before the
 * server ends it; one that was lost is ended at the server by its successor, since it may hold
 * locks on the very rows that come again. Owned by the worker's thread but for {@link #abort}.
 */
final class WorkerSession {
  private final TargetConnector connector;
  private final Clock clock;
  private final Duration idleLimit;
  private volatile @Nullable SqlSession session;
  private @Nullable SessionMark lost;
  private long usedAtNs;

  WorkerSession(TargetConnector connector, Clock clock) {
    this.connector = connector;
    this.clock = clock;
    this.idleLimit = connector.waitTimeout().dividedBy(2);
  }

  SqlSession open() throws SQLException {
    SqlSession open = session;
    long now = clock.nanoTime();
    boolean idle = now - usedAtNs > idleLimit.toNanos();
    usedAtNs = now;
    if (open != null && open.isOpen() && !idle) {
      return open;
    }
    drop();
    SqlSession made = connector.open();
    session = made;
    SessionMark before = lost;
    if (before != null) {
      before.end(made);
      lost = null;
    }
    return made;
  }

  /** After an error: nothing of the transaction stays, and the session is as it was. */
  void reset() {
    SqlSession open = session;
    if (open == null) {
      return;
    }
    try {
      open.executeAll(TargetTransaction.RESET);
    } catch (SQLException e) {
      drop();
    }
  }

  void drop() {
    SqlSession open = session;
    session = null;
    if (open != null) {
      lost = open.mark();
      open.close();
    }
  }

  /** Ends what runs on the target now, from any thread. */
  void abort() {
    SqlSession open = session;
    if (open != null) {
      open.abort();
    }
  }
}
