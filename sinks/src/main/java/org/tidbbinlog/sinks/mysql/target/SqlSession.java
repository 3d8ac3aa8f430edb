package org.tidbbinlog.sinks.mysql.target;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * One connection used by one thread, speaking plain SQL text. Strings go in by {@link
 * org.tidbbinlog.sinks.mysql.rows.SqlText}, never by concatenation of foreign text.
 */
public final class SqlSession implements AutoCloseable {
  private final Connection connection;
  private final Statement statement;
  private final SessionMark mark;
  private volatile Optional<CompletableFuture<Optional<SQLException>>> underWay = Optional.empty();
  private volatile boolean givenUp;

  SqlSession(Connection connection) throws SQLException {
    this.connection = connection;
    this.statement = connection.createStatement();
    statement.setEscapeProcessing(false);
    List<String> told =
        query(
                "select connection_id(), (select host from information_schema.processlist"
                    + " where id=connection_id())")
            .get(0);
    this.mark = new SessionMark(Long.parseLong(told.get(0)), told.get(1));
  }

  /** Which connection this is, for KILL and the process list. */
  public SessionMark mark() {
    return mark;
  }

  /** Asks the server; where no answer comes in time the connection is of no use any more. */
  public boolean answersWithin(Duration limit) {
    try {
      int usual = connection.getNetworkTimeout();
      connection.setNetworkTimeout(Runnable::run, (int) limit.toMillis());
      query("select 1");
      connection.setNetworkTimeout(Runnable::run, usual);
      return true;
    } catch (SQLException e) {
      return false;
    }
  }

  public void execute(String sql) throws SQLException {
    statement.execute(sql);
  }

  /**
   * As {@link #execute}, on a thread of its own, so that {@link #giveUp} or an interrupt ends the
   * wait: a driver's read cannot be cut short from outside. The statement goes on at the server.
   */
  public void executeUntilGivenUp(String sql) throws SQLException, InterruptedException {
    CompletableFuture<Optional<SQLException>> end = new CompletableFuture<>();
    underWay = Optional.of(end);
    Thread thread = new Thread(() -> execute(sql, end), "sinks-mysql-ddl-0");
    thread.setDaemon(true);
    thread.start();
    try {
      Optional<SQLException> failure = end.get();
      if (failure.isPresent()) {
        throw failure.get();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("statement ended by a bug", e.getCause());
    } catch (InterruptedException e) {
      givenUp = true;
      throw e;
    }
  }

  private void execute(String sql, CompletableFuture<Optional<SQLException>> end) {
    try {
      statement.execute(sql);
      end.complete(Optional.empty());
    } catch (SQLException e) {
      end.complete(Optional.of(e));
    } catch (RuntimeException | Error e) {
      end.completeExceptionally(e);
    }
    if (givenUp) {
      abort();
    }
  }

  /** Whoever waits for {@link #executeUntilGivenUp} is told that the connection is lost. */
  public void giveUp() {
    givenUp = true;
    underWay.ifPresent(
        end -> end.complete(Optional.of(new SQLException("given up: no answer came", "08S01"))));
  }

  /** Runs statements separated by {@code ;} in one round trip; the row count of each. */
  public List<Integer> executeAll(CharSequence statements) throws SQLException {
    List<Integer> counts = new ArrayList<>();
    boolean isResult = statement.execute(statements.toString());
    while (true) {
      int count = isResult ? 0 : statement.getUpdateCount();
      if (!isResult && count == -1) {
        return counts;
      }
      counts.add(count);
      isResult = statement.getMoreResults();
    }
  }

  /** All rows as text; SQL NULL reads as the empty string. */
  public List<List<String>> query(String sql) throws SQLException {
    try (ResultSet rows = statement.executeQuery(sql)) {
      int columns = rows.getMetaData().getColumnCount();
      List<List<String>> all = new ArrayList<>();
      while (rows.next()) {
        List<String> row = new ArrayList<>(columns);
        for (int i = 1; i <= columns; i++) {
          String value = rows.getString(i);
          row.add(value == null ? "" : value);
        }
        all.add(row);
      }
      return all;
    }
  }

  /** The driver's view, without asking the server. */
  public boolean isOpen() {
    try {
      return !connection.isClosed();
    } catch (SQLException e) {
      return false;
    }
  }

  /** Ends the connection at once from any thread, without a word to the server. */
  public void abort() {
    try {
      connection.abort(Runnable::run);
    } catch (SQLException alreadyGone) {
      // Nothing is left to end.
    }
  }

  /** One that was given up is closed by the thread that still waits for it. */
  @Override
  public void close() {
    if (givenUp) {
      return;
    }
    try {
      connection.close();
    } catch (SQLException alreadyGone) {
      // Nothing is left to close.
    }
  }
}
