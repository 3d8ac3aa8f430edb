package org.tidbbinlog.sinks.mysql;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.sinks.mysql.apply.SinkCounters;
import org.tidbbinlog.testkit.mariadb.MariaDb;

/** One MariaDB for all tests of this module's JVM; each test uses databases of its own. */
final class TargetServer {
  private static final AtomicLong NAMES = new AtomicLong();
  private static final MariaDb SHARED = startShared();

  private TargetServer() {}

  private static MariaDb startShared() {
    try {
      Path directory = Files.createTempDirectory("sinks-target");
      return MariaDb.start(directory.resolve("data"));
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  static MariaDb shared() {
    return SHARED;
  }

  /** A number no other test uses: for cluster ids and names. */
  static long unique() {
    return NAMES.incrementAndGet();
  }

  static MysqlTargetSettings settings() {
    return settings(SHARED);
  }

  static MysqlTargetSettings settings(MariaDb server) {
    return MysqlTargetSettings.of("127.0.0.1", server.port(), "root", "")
        .withWorkers(4, 20)
        .withLedgerSchema("tidb_binlog_" + unique());
  }

  static MysqlSink open(MysqlTargetSettings settings, long cluster, ResumeFrom resume, Acks acks) {
    return MysqlSink.open(
        settings,
        cluster,
        resume,
        acks,
        new SinkCounters(SinkCounters.Listener.NONE),
        Clock.system(),
        new Random(1));
  }

  /** All rows of a query, values joined with commas, sorted. */
  static List<String> rows(MariaDb server, String sql) {
    try (Connection connection = server.connect();
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
}
