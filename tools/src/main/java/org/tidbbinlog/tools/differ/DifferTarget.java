package org.tidbbinlog.tools.differ;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.Optional;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings;
import org.tidbbinlog.testkit.mariadb.FileTrees;
import org.tidbbinlog.testkit.mariadb.MariaDb;
import org.tidbbinlog.testkit.mariadb.MariaDbOptions;
import org.tidbbinlog.tools.compare.TargetAddress;
import org.tidbbinlog.tools.compare.TargetComparison.Scope;

/** The server that a case is run on: one of our own, in memory where there is room, or a given. */
final class DifferTarget implements AutoCloseable {
  private static final Path MEMORY = Path.of("/dev/shm");

  private final TargetAddress address;
  private final Scope scope;
  private final Optional<MariaDb> own;
  private final Optional<Path> folder;
  private final Connection connection;

  private DifferTarget(
      TargetAddress address, Scope scope, Optional<MariaDb> own, Optional<Path> folder)
      throws SQLException {
    this.address = address;
    this.scope = scope;
    this.own = own;
    this.folder = folder;
    this.connection = address.connect();
  }

  /** A MariaDB that is gone with this object. */
  static DifferTarget start() throws SQLException {
    try {
      Path folder =
          Files.isWritable(MEMORY)
              ? Files.createTempDirectory(MEMORY, "tidb-binlog-differ")
              : Files.createTempDirectory("tidb-binlog-differ");
      MariaDb server = MariaDb.start(folder.resolve("mariadb"), MariaDbOptions.forTests());
      TargetAddress address = new TargetAddress("root", "", "127.0.0.1", server.port());
      return new DifferTarget(
          address, Scope.WHOLE_TARGET, Optional.of(server), Optional.of(folder));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Somebody's server. */
  static DifferTarget at(TargetAddress address) throws SQLException {
    return new DifferTarget(address, Scope.NAMED_DATABASES, Optional.empty(), Optional.empty());
  }

  MysqlTargetSettings settings() {
    return MysqlTargetSettings.of(
        address.host(), address.port(), address.user(), address.password());
  }

  Connection connection() {
    return connection;
  }

  Scope scope() {
    return scope;
  }

  void drop(Collection<String> databases) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String database : databases) {
        statement.execute("drop database if exists `" + database + "`");
      }
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
    own.ifPresent(MariaDb::close);
    try {
      if (folder.isPresent()) {
        FileTrees.delete(folder.get());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
