package org.tidbbinlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tidbbinlog.tools.compare.TargetAddress;
import org.tidbbinlog.tools.replay.Replay;
import org.tidbbinlog.tools.replay.ReplayOptions;

/**
 * Recorded clusters arrive in somebody's TiDB and MySQL as they arrive in MariaDB, with a Drainer
 * that is killed on the way. Passed over for a kind of server that no variable names; see
 * docs/testing.md.
 */
@ParameterizedClass(name = "{0}")
@ValueSource(strings = {"TARGET_TIDB_URL", "TARGET_MYSQL_URL"})
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class ReplayOnTargetsTest {
  private static final List<String> SCHEMAS =
      List.of(
          "ddl1", "ddl2", "ddl5", "keys_", "rc", "rc2", "todrop", "txn", "types", "tidb_binlog");

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path dir;

  private final TargetAddress target;

  ReplayOnTargetsTest(String variable) {
    Optional<String> url =
        Optional.ofNullable(System.getProperty(variable))
            .or(() -> Optional.ofNullable(System.getenv(variable)))
            .filter(text -> !text.isBlank());
    Assumptions.assumeTrue(
        url.isPresent(), variable + "=mysql://user:password@host:port is not set");
    this.target = TargetAddress.parse(url.orElseThrow());
  }

  @ParameterizedTest
  @CsvSource({
    "01-types, 0",
    "02-keys, 2",
    "03-ddl, 0",
    "04-txn, 2",
    "05-exchange, 0",
    "08-rename-cycle, 0"
  })
  void target_ofReplayWithKills_equalsTheRecordedTruth(String capture, int kills) throws Exception {
    dropSchemas();
    Random random = new Random(31);
    ReplayOptions options = Captures.options(capture, 2, dir, 31).withTarget(target);
    try (Replay replay = Replay.open(options)) {
      replay.start();
      for (int i = 0; i < kills; i++) {
        replay.stage().drainer().awaitReady();
        Thread.sleep(random.nextInt(1000));
        replay.crashDrainer();
      }
      replay.awaitApplied(tick -> {});
      assertThat(replay.stage().drainer().stop()).isZero();
      assertThat(replay.compare().orElseThrow().differences()).as(capture).isEmpty();
    }
    dropSchemas();
  }

  private void dropSchemas() throws SQLException {
    try (Connection connection = target.connect();
        Statement statement = connection.createStatement()) {
      for (String schema : SCHEMAS) {
        statement.execute("drop database if exists " + schema);
      }
    }
  }
}
