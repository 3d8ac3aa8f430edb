package org.tidbbinlog.testkit.mariadb;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.testkit.network.FreePort;

/**
 * One MariaDB server process on 127.0.0.1, user {@code root} without a password. A new data
 * directory is copied from a template made once per server version. Not thread-safe.
 */
public final class MariaDb implements AutoCloseable {
  private static final long START_LIMIT_NS = TimeUnit.SECONDS.toNanos(60);
  private static final int PORT_TRIES = 5;

  private final ServerFiles files;
  private final Path dataDir;
  private final MariaDbOptions options;
  private final Path socketDir;
  private final Path socket;
  private final Thread endWithJvm;
  private int port;
  private Process process;

  private MariaDb(ServerFiles files, Path dataDir, MariaDbOptions options) throws IOException {
    this.files = files;
    this.dataDir = dataDir;
    this.options = options;
    this.socketDir = Files.createTempDirectory("mdb");
    this.socket = socketDir.resolve("s");
    this.port = options.port();
    this.process = startAndAwait();
    this.endWithJvm = new Thread(this::kill9, "testkit-mariadb-end");
    try {
      Runtime.getRuntime().addShutdownHook(endWithJvm);
    } catch (IllegalStateException shuttingDown) {
      kill9();
      throw new OperatorException("MariaDB is not started: the program is ending", shuttingDown);
    }
  }

  /** Starts with the settings for tests. */
  public static MariaDb start(Path dataDir) {
    return start(dataDir, MariaDbOptions.forTests());
  }

  /**
   * Starts a server on {@code dataDir}, which is filled from the template when it is empty or
   * absent, and returns when it answers.
   *
   * @throws OperatorException when there is no server program, or it does not start: with the way
   *     out
   */
  public static MariaDb start(Path dataDir, MariaDbOptions options) {
    try {
      Path absolute = dataDir.toAbsolutePath();
      ServerFiles files = ServerFiles.locate();
      if (FileTrees.isEmpty(absolute)) {
        Path template =
            SharedCache.entry(
                "data-1-" + files.name(), made -> ServerProcess.bootstrap(files, made));
        FileTrees.copy(template, absolute);
      }
      return new MariaDb(files, absolute, options);
    } catch (IOException e) {
      throw new UncheckedIOException("starting MariaDB on " + dataDir, e);
    }
  }

  public int port() {
    return port;
  }

  public Path dataDir() {
    return dataDir;
  }

  /** The server's own log, over all its lives. */
  public Path log() {
    return dataDir.resolve("server.log");
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** A URL without user, for {@code root} without a password. */
  public String jdbcUrl() {
    return "jdbc:mariadb://127.0.0.1:" + port + "/?sslMode=disable";
  }

  public Connection connect() throws SQLException {
    return connect("root", "");
  }

  public Connection connect(String user, String password) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", user);
    properties.setProperty("password", password);
    return DriverManager.getConnection(jdbcUrl(), properties);
  }

  /** Runs statements one after the other on a connection of their own. */
  public void execute(String... statements) {
    try (Connection connection = connect();
        var statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  /**
   * The caller closes it, also when a signal ends the JVM: until then it answers. Without this call
   * it ends when the JVM begins to end.
   */
  public void outliveSignals() {
    try {
      Runtime.getRuntime().removeShutdownHook(endWithJvm);
    } catch (IllegalStateException shuttingDown) {
      // Too late: it ends now.
    }
  }

  /** Kills the process at once, as a crash would. */
  public void kill9() {
    process.destroyForcibly();
    awaitEnd();
  }

  /** Orderly stop; the data directory stays. */
  public void stop() {
    process.destroy();
    awaitEnd();
  }

  /** Starts again on the same port and data, stopping first if it still runs. */
  public void restart() {
    if (process.isAlive()) {
      stop();
    }
    try {
      process = startAndAwait();
    } catch (IOException e) {
      throw new UncheckedIOException("restarting MariaDB on " + dataDir, e);
    }
  }

  @Override
  public void close() {
    kill9();
    try {
      Runtime.getRuntime().removeShutdownHook(endWithJvm);
      Files.deleteIfExists(socket);
      Files.deleteIfExists(socketDir);
    } catch (IllegalStateException shuttingDown) {
      // The hook is running already.
    } catch (IOException e) {
      throw new UncheckedIOException("removing " + socket, e);
    }
  }

  private void awaitEnd() {
    try {
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        process.waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private Process startAndAwait() throws IOException {
    for (int attempt = 1; ; attempt++) {
      if (port == 0) {
        port = FreePort.onLoopback();
      }
      long logFrom = Files.exists(log()) ? Files.size(log()) : 0;
      Process started = launch();
      if (answers(started)) {
        return started;
      }
      started.destroyForcibly();
      boolean portTaken = options.port() == 0 && logSince(logFrom).contains("already in use");
      if (!portTaken || attempt == PORT_TRIES) {
        throw ServerProcess.notStarted("start", log());
      }
      port = 0;
    }
  }

  private Process launch() throws IOException {
    List<String> command = ServerProcess.commonArguments(files, dataDir);
    command.addAll(
        List.of(
            "--bind-address=127.0.0.1",
            "--port=" + port,
            "--socket=" + socket,
            "--pid-file=" + dataDir.resolve("server.pid"),
            "--skip-name-resolve",
            "--skip-slave-start",
            "--character-set-server=utf8mb4",
            // A certificate of its own takes the server seconds to make.
            "--skip-ssl"));
    command.addAll(options.arguments());
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
        .start();
  }

  private boolean answers(Process started) {
    long start = System.nanoTime();
    while (started.isAlive() && System.nanoTime() - start < START_LIMIT_NS) {
      try (Connection connection = connect()) {
        return connection.isValid(5);
      } catch (SQLException notYet) {
        try {
          started.waitFor(20, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return false;
        }
      }
    }
    return false;
  }

  private String logSince(long offset) throws IOException {
    byte[] all = Files.readAllBytes(log());
    int from = (int) Math.min(offset, all.length);
    return new String(all, from, all.length - from, StandardCharsets.ISO_8859_1);
  }
}
