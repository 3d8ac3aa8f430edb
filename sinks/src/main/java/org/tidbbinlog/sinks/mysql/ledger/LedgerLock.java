package org.tidbbinlog.sinks.mysql.ledger;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.node.process.DaemonThread;
import org.tidbbinlog.sinks.mysql.target.SessionMark;
import org.tidbbinlog.sinks.mysql.target.SqlSession;
import org.tidbbinlog.sinks.mysql.target.TargetConnector;
import org.tidbbinlog.sinks.mysql.target.TargetFault;

/**
 * The named lock that keeps a second Drainer from starting. It lives as long as its connection: the
 * server ends a silent one after minutes, so ours says something now and then, and one that was cut
 * and still holds the lock is ended by its successor. Only a connection that is known to be ours is
 * ended, and only while the ledger's owner is still us. Thread-safe.
 */
final class LedgerLock implements AutoCloseable {
  /** Whether the ledger still has us as its owner. */
  interface Ownership {
    boolean isOurs(SqlSession by) throws SQLException;
  }

  private static final Logger LOG = LoggerFactory.getLogger(LedgerLock.class);
  private static final int FIRST_WAIT_SECONDS = 10;
  private static final int NEXT_WAIT_SECONDS = 3;
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(10);
  private static final int REMEMBERED = 8;
  private static final int LOCK_WAIT_TIMEOUT = 1205;

  /** Renewals within the time after which the server ends a silent connection. */
  private static final int RENEWALS = 6;

  private final TargetConnector connector;
  private final String name;
  private final Clock clock;

  /** Connections that had the lock or asked for it; the server may still give it to one. */
  private final Deque<SessionMark> ours = new ArrayDeque<>();

  private SqlSession session;
  private boolean closed;
  private @Nullable Thread keeper;

  private LedgerLock(TargetConnector connector, String name, SqlSession session, Clock clock) {
    this.connector = connector;
    this.name = name;
    this.session = session;
    this.clock = clock;
    ours.add(session.mark());
  }

  /**
   * Takes the lock for the first time.
   *
   * @param session owned by the lock from here on
   * @param name as a literal
   * @throws OperatorException when another Drainer holds it
   */
  static LedgerLock take(SqlSession session, TargetConnector connector, String name, Clock clock)
      throws SQLException {
    if (!isTaken(session, name, FIRST_WAIT_SECONDS)) {
      throw new OperatorException(
          "another Drainer of this cluster writes to target "
              + connector.settings().endpoint()
              + held(holder(session, name))
              + "; the server ends a connection whose client is gone after "
              + connector.waitTimeout().toSeconds()
              + " seconds");
    }
    return new LedgerLock(connector, name, session, clock);
  }

  private static String held(Optional<Long> holder) {
    return holder
        .map(
            number ->
                " (connection " + number + "); stop it, or KILL " + number + " there if it is gone")
        .orElse("; stop it, or KILL its connections there if it is gone");
  }

  private static boolean isTaken(SqlSession session, String name, int waitSeconds)
      throws SQLException {
    try {
      String got = session.query("select get_lock(" + name + "," + waitSeconds + ")").get(0).get(0);
      return got.equals("1");
    } catch (SQLException e) {
      if (TargetFault.of(e) == TargetFault.CONNECTION) {
        throw e;
      }
      return true; // No named locks here; the fencing number remains.
    }
  }

  /** Empty where the target does not tell, as older TiDB. */
  private static Optional<Long> holder(SqlSession session, String name) throws SQLException {
    try {
      String number = session.query("select ifnull(is_used_lock(" + name + "),'')").get(0).get(0);
      return number.isEmpty() ? Optional.empty() : Optional.of(Long.valueOf(number));
    } catch (SQLException e) {
      if (TargetFault.of(e) == TargetFault.CONNECTION) {
        throw e;
      }
      return Optional.empty();
    }
  }

  /**
   * Takes the lock again if its connection is gone.
   *
   * @throws SQLException also when the lock cannot be had now; try again
   * @throws OperatorException when another Drainer took over
   */
  synchronized void keep(Ownership ownership) throws SQLException {
    if (closed || session.answersWithin(ANSWER_LIMIT)) {
      return;
    }
    session.close();
    SqlSession fresh = connector.open();
    try {
      if (!ownership.isOurs(fresh)) {
        throw Ledger.fenced();
      }
      remember(fresh.mark());
      takeAgain(fresh);
      session = fresh;
      LOG.atInfo().addKeyValue("connection", fresh.mark().number()).log("ledger lock taken again");
    } catch (SQLException | RuntimeException e) {
      fresh.close();
      throw e;
    }
  }

  private void takeAgain(SqlSession fresh) throws SQLException {
    if (isTaken(fresh, name, 0)) {
      return;
    }
    long holder = holder(fresh, name).orElse(0L);
    for (SessionMark mark : ours) {
      if (mark.number() == holder) {
        mark.end(fresh);
      }
    }
    if (!isTaken(fresh, name, NEXT_WAIT_SECONDS)) {
      throw new SQLException(
          "the ledger's lock is not free" + held(holder(fresh, name)), "40001", LOCK_WAIT_TIMEOUT);
    }
  }

  private void remember(SessionMark mark) {
    if (ours.size() == REMEMBERED) {
      ours.removeFirst();
    }
    ours.add(mark);
  }

  /** Renews the lock's connection from a thread of its own until the lock is closed. */
  synchronized void keepAlive(Ownership ownership, Consumer<Throwable> onFenced) {
    Duration sixth = connector.waitTimeout().dividedBy(RENEWALS);
    Duration every = sixth.compareTo(Duration.ofSeconds(1)) < 0 ? Duration.ofSeconds(1) : sixth;
    Thread thread =
        DaemonThread.named("sinks-mysql-lock-0", () -> renew(every, ownership), onFenced);
    thread.start();
    keeper = thread;
  }

  private void renew(Duration every, Ownership ownership) throws InterruptedException {
    while (true) {
      clock.sleep(every);
      try {
        keep(ownership);
      } catch (SQLException e) {
        LOG.atWarn().addKeyValue("error", TargetFault.brief(e)).log("ledger lock not renewed");
      }
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    Thread thread = keeper;
    if (thread != null) {
      thread.interrupt();
    }
    session.close();
  }
}
