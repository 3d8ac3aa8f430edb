package org.tidbbinlog.sinks.mysql;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.airlock.DdlAirlock;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.sinks.mysql.apply.SinkCounters;
import org.tidbbinlog.sinks.mysql.ddl.DdlWatcher;
import org.tidbbinlog.sinks.mysql.target.TargetConnector;
import org.tidbbinlog.testkit.mariadb.MariaDbOptions;

/**
 * A database {@code d$} with what a kind of DDL needs, where {@code $} is a number of the test's
 * own, on a server that logs its statements.
 */
final class DdlScene {
  /** Of the server. */
  static final MariaDbOptions LOGGING =
      MariaDbOptions.forTests().with("--general-log=ON").with("--log-output=TABLE");

  final long number = TargetServer.unique();
  final long cluster = TargetServer.unique();
  private final OwnServer server;

  DdlScene(OwnServer server) {
    this.server = server;
  }

  /** Makes what the kind of DDL needs; the server's log of statements begins here. */
  MysqlTargetSettings prepare(DdlSample sample) {
    String schema = "d" + number;
    List<String> setup =
        new ArrayList<>(
            List.of(
                "truncate table mysql.general_log",
                "create database " + schema,
                "create table " + schema + ".after(v int)",
                "use " + schema));
    sample.setup().forEach(sql -> setup.add(named(sql)));
    server.process().execute(setup.toArray(String[]::new));
    return server.target().settings().withWorkers(1, 20);
  }

  SinkItem.Ddl item(DdlSample sample) {
    return sample.item(number);
  }

  MysqlSink open(MysqlTargetSettings settings) {
    return open(settings, DdlWatcher.NONE);
  }

  MysqlSink open(MysqlTargetSettings settings, DdlWatcher watcher) {
    return MysqlSink.open(
        TargetConnector.probe(settings),
        cluster,
        ResumeFrom.initial(new Tso(1)),
        new Acks(),
        new SinkCounters(SinkCounters.Listener.NONE),
        Clock.system(),
        new Random(1),
        DdlAirlock.stopping(Clock.system()),
        watcher);
  }

  String named(String text) {
    return DdlSample.named(text, number);
  }

  /** In the test's database; the table {@code after} is the test's own. */
  List<String> seen(String query) {
    try (Connection connection = server.process().connect();
        var statement = connection.createStatement()) {
      statement.execute("use d" + number);
      List<String> all = new ArrayList<>();
      try (var rows = statement.executeQuery(named(query))) {
        while (rows.next()) {
          String row = rows.getString(1);
          for (int i = 2; i <= rows.getMetaData().getColumnCount(); i++) {
            row += "," + rows.getString(i);
          }
          all.add(row);
        }
      }
      all.removeIf(row -> row.startsWith("after,"));
      all.sort(null);
      return all;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** DDL is upper case here, all else is not. */
  List<String> statementsRun() {
    List<String> run = new ArrayList<>();
    try (Connection connection = server.process().connect();
        var statement = connection.createStatement();
        var rows =
            statement.executeQuery(
                "select argument from mysql.general_log where command_type='Query' and argument"
                    + " like binary '%"
                    + number
                    + "`%' order by event_time")) {
      while (rows.next()) {
        String sql = rows.getString(1);
        if (sql.matches("(CREATE|ALTER|DROP|RENAME|TRUNCATE) (?s:.*)")) {
          run.add(sql);
        }
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    return run;
  }
}
