package org.tidbbinlog.sinks.mysql;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicLong;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.drainer.sink.SinkListener;
import org.tidbbinlog.sinks.mysql.apply.SinkCounters;
import org.tidbbinlog.sinks.mysql.rows.SqlText;
import org.tidbbinlog.testkit.mariadb.MariaDb;

/** A server that tests write to; each test uses databases of its own. */
final class TargetServer {
  // A server that is not ours keeps what an earlier run left, and another process of this run may
  // use it at the same time: names begin elsewhere for each.
  private static final AtomicLong NAMES =
      new AtomicLong(
          (Clock.system().now().getEpochSecond() << 22)
              + ((ProcessHandle.current().pid() & 0xfff) << 10));

  private final TargetKind kind;
  private final MysqlTargetSettings.Endpoint at;
  private final Set<String> ledgers = new ConcurrentSkipListSet<>();

  TargetServer(TargetKind kind, String host, int port, String user, String password) {
    this.kind = kind;
    this.at =
        new MysqlTargetSettings.Endpoint(host, port, user, password, MysqlTargetSettings.Tls.OFF);
  }

  static TargetServer of(MariaDb server) {
    return new TargetServer(TargetKind.MARIADB, "127.0.0.1", server.port(), "root", "");
  }

  TargetKind kind() {
    return kind;
  }

  /** A number no other test uses: for cluster ids and names. */
  static long unique() {
    return NAMES.incrementAndGet();
  }

  MysqlTargetSettings settings() {
    String ledger = "tidb_binlog_" + unique();
    ledgers.add(ledger);
    return MysqlTargetSettings.of(at.host(), at.port(), at.user(), at.password())
        .withWorkers(4, 20)
        .withLedgerSchema(ledger);
  }

  /** As a user nobody else is. */
  MysqlTargetSettings settingsOfNewUser(String password) {
    String user = "u" + unique();
    execute(
        "create user " + user + " identified by " + SqlText.string(password),
        "grant all on *.* to " + user);
    MysqlTargetSettings settings = settings();
    return settings.withEndpoint(
        new MysqlTargetSettings.Endpoint(
            at.host(), at.port(), user, password, MysqlTargetSettings.Tls.OFF));
  }

  /** Ends all sessions of a user but the one that holds a named lock. TiDB may not say which. */
  void killSessionsOf(String user, String exceptLockHolder) {
    String spare =
        kind == TargetKind.TIDB || exceptLockHolder.isEmpty()
            ? ""
            : " and id<>ifnull(is_used_lock('" + exceptLockHolder + "'),0)";
    String kill =
        switch (kind) {
          case MARIADB -> "kill hard connection ";
          case MYSQL -> "kill connection ";
          case TIDB -> "kill tidb ";
        };
    String list = "select id from information_schema.processlist where user='" + user + "'";
    for (String id : rows(list + spare)) {
      try {
        execute(kill + id);
      } catch (IllegalStateException gone) {
        // It ended by itself.
      }
    }
  }

  static MysqlSink open(
      MysqlTargetSettings settings, long cluster, ResumeFrom resume, SinkListener acks) {
    return open(settings, cluster, resume, acks, new SinkCounters(SinkCounters.Listener.NONE));
  }

  static MysqlSink open(
      MysqlTargetSettings settings,
      long cluster,
      ResumeFrom resume,
      SinkListener acks,
      SinkCounters counters) {
    return MysqlSink.open(settings, cluster, resume, acks, counters, Clock.system(), new Random(1));
  }

  Connection connect() throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", at.user());
    properties.setProperty("password", at.password());
    properties.setProperty("allowPublicKeyRetrieval", "true");
    return DriverManager.getConnection(
        "jdbc:mariadb://" + at.host() + ":" + at.port() + "/?sslMode=disable", properties);
  }

  /** Runs statements one after the other on a connection of their own, with plain rules. */
  void execute(String... statements) {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  /** All rows of a query, values joined with commas, sorted. */
  List<String> rows(String sql) {
    try (Connection connection = connect();
        ResultSet rows = connection.createStatement().executeQuery(sql)) {
      List<String> all = new ArrayList<>();
      int columns = rows.getMetaData().getColumnCount();
      while (rows.next()) {
        StringBuilder row = new StringBuilder();
        for (int i = 1; i <= columns; i++) {
          row.append(i == 1 ? "" : ",").append(rows.getString(i));
        }
        all.add(row.toString());
      }
      all.sort(null);
      return all;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** For a server that stays. */
  void dropLedgersAtEnd() {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> ledgers.forEach(name -> execute("drop database if exists " + name)),
                "test-ledgers-end"));
  }
}
