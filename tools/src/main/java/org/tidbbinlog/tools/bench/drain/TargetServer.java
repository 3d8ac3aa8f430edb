package org.tidbbinlog.tools.bench.drain;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.testkit.mariadb.MariaDb;
import org.tidbbinlog.testkit.mariadb.MariaDbOptions;
import org.tidbbinlog.tools.compare.TargetAddress;

/**
 * Where the rows go: an embedded server that is new for each run, or an existing one that is empty
 * and is emptied between the runs. One thread.
 */
final class TargetServer implements AutoCloseable {
  private static final Set<String> SYSTEM =
      Set.of(
          "mysql",
          "information_schema",
          "performance_schema",
          "metrics_schema",
          "inspection_schema",
          "sys");

  /**
   * Some servers come with a database {@code test}, and a capture may write to it: how to make it
   * anew, if it is there and empty.
   */
  private static final String MAKE_EMPTY_TEST =
      """
      select concat('create database `test` collate ', default_collation_name)
      from information_schema.schemata where schema_name='test'
      and not exists(select 1 from information_schema.tables where table_schema='test')
      and not exists(select 1 from information_schema.routines where routine_schema='test')
      """;

  private final Path dir;
  private final Optional<TargetAddress> existing;
  private final long existingPid;
  private List<String> makeEmptyTest = List.of();
  private Optional<MariaDb> embedded = Optional.empty();
  private int lives;

  private TargetServer(Path dir, Optional<TargetAddress> existing, long existingPid) {
    this.dir = dir;
    this.existing = existing;
    this.existingPid = existingPid;
  }

  /**
   * @param pid of an existing server, 0 when not known
   * @throws OperatorException when an existing server holds databases other than an empty test
   */
  static TargetServer open(Path dir, Optional<TargetAddress> existing, long pid) {
    TargetServer server = new TargetServer(dir, existing, pid);
    if (existing.isPresent()) {
      server.makeEmptyTest = server.query(MAKE_EMPTY_TEST);
      List<String> found = new ArrayList<>(server.databases());
      if (!server.makeEmptyTest.isEmpty()) {
        found.remove("test");
      }
      if (!found.isEmpty()) {
        throw new OperatorException(
            "target "
                + existing.get()
                + " holds "
                + found
                + ", but bench drainer drops every database there: give an empty server");
      }
    }
    return server;
  }

  /** As empty from here on as it was. */
  void renew() {
    if (existing.isPresent()) {
      databases().forEach(name -> execute("drop database `" + name.replace("`", "``") + "`"));
      makeEmptyTest.forEach(this::execute);
      return;
    }
    embedded.ifPresent(MariaDb::close);
    lives++;
    embedded =
        Optional.of(
            MariaDb.start(dir.resolve("mariadb-" + lives), MariaDbOptions.serverDefaults()));
  }

  TargetAddress address() {
    return existing
        .or(() -> embedded.map(db -> new TargetAddress("root", "", "127.0.0.1", db.port())))
        .orElseThrow(() -> new IllegalStateException("no server runs yet"));
  }

  /** 0 when not known. */
  long pid() {
    return embedded.map(MariaDb::pid).orElse(existingPid);
  }

  /** What it calls itself. */
  String version() {
    return query("select version()").get(0);
  }

  List<String> databases() {
    return query("show databases").stream()
        .filter(name -> !SYSTEM.contains(name.toLowerCase(Locale.ROOT)))
        .toList();
  }

  /** First column of a query. */
  List<String> query(String sql) {
    try (Connection connection = address().connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<String> found = new ArrayList<>();
      while (rows.next()) {
        found.add(String.valueOf(rows.getString(1)));
      }
      return found;
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  void execute(String sql) {
    try (Connection connection = address().connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  OperatorException failed(SQLException e) {
    return new OperatorException("target " + address() + ": " + e.getMessage(), e);
  }

  @Override
  public void close() {
    if (existing.isPresent()) {
      renew();
    }
    embedded.ifPresent(MariaDb::close);
  }
}
