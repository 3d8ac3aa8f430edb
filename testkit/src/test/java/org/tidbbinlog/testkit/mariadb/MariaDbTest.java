package org.tidbbinlog.testkit.mariadb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 3, unit = TimeUnit.MINUTES)
class MariaDbTest {
  @TempDir Path directory = Path.of("");

  @Test
  void committedRows_surviveKillAndRestart_onTheSamePort() throws SQLException {
    try (MariaDb server = MariaDb.start(directory.resolve("data"))) {
      int port = server.port();
      server.execute("create database d", "create table d.t(id int primary key)");
      server.execute("insert into d.t values(1),(2)");

      server.kill9();
      assertThat(server.isAlive()).isFalse();
      server.restart();

      assertThat(server.port()).isEqualTo(port);
      try (var connection = server.connect();
          var rows = connection.createStatement().executeQuery("select count(*) from d.t")) {
        rows.next();
        assertThat(rows.getInt(1)).isEqualTo(2);
      }
    }
  }

  @Test
  void twoServers_runSideBySide() {
    try (MariaDb one = MariaDb.start(directory.resolve("one"));
        MariaDb two = MariaDb.start(directory.resolve("two"))) {
      assertThat(one.port()).isNotEqualTo(two.port());
      assertThat(one.isAlive() && two.isAlive()).isTrue();
    }
  }

  @Test
  void missingLibrary_isNamed() throws Exception {
    Path log = directory.resolve("log");
    Files.writeString(
        log,
        "mariadbd: error while loading shared libraries: libsystemd.so.0: cannot open shared object"
            + " file");
    assertThat(ServerProcess.notStarted("start", log).getMessage())
        .contains("libsystemd.so.0")
        .doesNotContain("\n");
  }

  @Test
  void unknownArgument_isAnErrorWithTheLog() {
    assertThatThrownBy(
            () ->
                MariaDb.start(
                    directory.resolve("bad"), MariaDbOptions.forTests().with("--no-such-thing=1")))
        .hasMessageContaining("no-such-thing")
        .hasMessageContaining("server.log");
  }
}
