package org.tidbbinlog.sinks.mysql.ddl;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Backoff;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.sinks.mysql.rows.SqlText;
import org.tidbbinlog.sinks.mysql.target.Dialect;
import org.tidbbinlog.sinks.mysql.target.SessionMark;
import org.tidbbinlog.sinks.mysql.target.SqlSession;
import org.tidbbinlog.sinks.mysql.target.TargetConnector;
import org.tidbbinlog.sinks.mysql.target.TargetFault;

/**
 * One DDL connection of this Drainer at a time, also over a crash: a statement runs on at the
 * target when its client is gone, and looking at the target too early would see it undone. The
 * connection holds a named lock until it ends; the next one waits for it, and ends an earlier one
 * that has nothing to do any more.
 */
final class DdlTurn {
  private static final Logger LOG = LoggerFactory.getLogger(DdlTurn.class);
  private static final int WAIT_SECONDS = 3;
  private static final Duration TOLD_EVERY = Duration.ofSeconds(10);
  private static final Backoff BACKOFF =
      new Backoff(Duration.ofMillis(50), Duration.ofSeconds(2), 0.2);

  private DdlTurn() {}

  /**
   * A connection with the lock.
   *
   * @param lock name of the lock as a literal
   */
  static SqlSession open(TargetConnector connector, String lock)
      throws SQLException, InterruptedException {
    SqlSession session = connector.openForDdl();
    try {
      await(session, lock);
      return session;
    } catch (SQLException | InterruptedException | RuntimeException e) {
      session.close();
      throw e;
    }
  }

  private static void await(SqlSession session, String lock)
      throws SQLException, InterruptedException {
    while (!isTaken(session, lock)) {
      if (Thread.interrupted()) {
        throw new InterruptedException("while an earlier DDL runs on the target");
      }
      String holder = holder(session, lock);
      if (!holder.isEmpty()) {
        settle(session, holder);
      }
    }
  }

  private static boolean isTaken(SqlSession session, String lock) throws SQLException {
    try {
      String got =
          session.query("select get_lock(" + lock + "," + WAIT_SECONDS + ")").get(0).get(0);
      return got.equals("1");
    } catch (SQLException e) {
      if (TargetFault.of(e) == TargetFault.CONNECTION) {
        throw e;
      }
      return true; // No named locks here; the process list remains.
    }
  }

  /** Empty where the target does not tell, as older TiDB. */
  private static String holder(SqlSession session, String lock) throws SQLException {
    try {
      return session.query("select is_used_lock(" + lock + ")").get(0).get(0);
    } catch (SQLException e) {
      if (TargetFault.of(e) == TargetFault.CONNECTION) {
        throw e;
      }
      return "";
    }
  }

  private static void settle(SqlSession session, String holder) throws SQLException {
    List<List<String>> rows =
        session.query("select command from information_schema.processlist where id=" + holder);
    String command = rows.isEmpty() ? "" : rows.get(0).get(0);
    LOG.atInfo()
        .addKeyValue("connection", holder)
        .addKeyValue("command", command)
        .log("ddl waits for an earlier one");
    if (command.equalsIgnoreCase("Sleep")) {
      try {
        session.execute("kill " + holder);
      } catch (SQLException e) {
        if (TargetFault.of(e) == TargetFault.CONNECTION) {
          throw e;
        }
        // It ended by itself, or is not ours to end: the lock tells.
      }
    }
  }

  /** What the process list says of a connection, its command first; empty when it is gone. */
  static Optional<String> look(SqlSession session, long connection, Dialect.Family family)
      throws SQLException {
    boolean percent = family == Dialect.Family.MARIADB;
    List<List<String>> rows =
        session.query(
            "select command, time, state"
                + (percent ? ", progress" : "")
                + " from information_schema.processlist where id="
                + connection);
    if (rows.isEmpty()) {
      return Optional.empty();
    }
    List<String> row = rows.get(0);
    return Optional.of(
        "%s for %s s, %s%s"
            .formatted(
                row.get(0), row.get(1), row.get(2), percent ? ", " + row.get(3) + " %" : ""));
  }

  /**
   * Waits until a statement has ended whose connection was lost: it goes on when its client is
   * gone.
   *
   * @param lost the connection it was sent on
   */
  static void awaitEnd(SqlSession session, SessionMark lost, Clock clock, RandomGenerator random)
      throws SQLException, InterruptedException {
    long toldNs = clock.nanoTime();
    for (int i = 0; ; i++) {
      List<List<String>> rows =
          session.query(
              "select command, time, state, info from information_schema.processlist where id="
                  + lost.number()
                  + (lost.client().isEmpty() ? "" : " and host=" + SqlText.string(lost.client())));
      if (rows.isEmpty()) {
        return;
      }
      List<String> row = rows.get(0);
      if (row.get(0).equalsIgnoreCase("Sleep")) {
        lost.end(session);
        return;
      }
      if (clock.nanoTime() - toldNs >= TOLD_EVERY.toNanos()) {
        toldNs = clock.nanoTime();
        LOG.atInfo()
            .addKeyValue("connection", lost.number())
            .addKeyValue("command", row.get(0))
            .addKeyValue("seconds", row.get(1))
            .addKeyValue("state", row.get(2))
            .addKeyValue("sql", DdlErrors.shortened(row.get(3)))
            .log("ddl waits for the end of its lost statement");
      }
      clock.sleep(BACKOFF.delay(i, random));
    }
  }
}
