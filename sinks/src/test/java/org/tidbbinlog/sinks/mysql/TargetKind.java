package org.tidbbinlog.sinks.mysql;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.tidbbinlog.testkit.mariadb.MariaDb;

/** The servers the contract of a target is held against. */
enum TargetKind {
  /** Started by the tests. */
  MARIADB,
  /** Somebody's server, named by {@code TARGET_TIDB_URL}. */
  TIDB,
  /** Somebody's server, named by {@code TARGET_MYSQL_URL}. */
  MYSQL;

  private static final Map<TargetKind, TargetServer> CONNECTED = new EnumMap<>(TargetKind.class);

  /** One server for all tests of this JVM; the calling test is passed over when there is none. */
  TargetServer server() {
    synchronized (CONNECTED) {
      return CONNECTED.computeIfAbsent(
          this, kind -> kind == MARIADB ? startMariaDb() : kind.outside());
    }
  }

  private static TargetServer startMariaDb() {
    try {
      Path directory = Files.createTempDirectory("sinks-target");
      return TargetServer.of(MariaDb.start(directory.resolve("data")));
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private TargetServer outside() {
    String name = "TARGET_" + this + "_URL";
    Optional<String> url =
        Optional.ofNullable(System.getProperty(name))
            .or(() -> Optional.ofNullable(System.getenv(name)))
            .filter(text -> !text.isBlank());
    Assumptions.assumeTrue(
        url.isPresent(), name + "=mysql://user:password@host:port is not set: no " + this);
    URI at = URI.create(url.orElseThrow());
    String[] account = Optional.ofNullable(at.getUserInfo()).orElse("root").split(":", 2);
    TargetServer server =
        new TargetServer(
            this, at.getHost(), at.getPort(), account[0], account.length == 1 ? "" : account[1]);
    server.dropLedgersAtEnd();
    return server;
  }
}
