package org.tidbbinlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.testkit.workload.WorkloadSpec;
import org.tidbbinlog.testkit.workload.WorkloadSpec.Tables;
import org.tidbbinlog.tools.compare.ComparisonReport;
import org.tidbbinlog.tools.stage.ServerNode;
import org.tidbbinlog.tools.stage.Stage;

/**
 * A Drainer that finds a savepoint file and neither row nor ledger applies what is behind the file
 * and nothing before it: the tables have no keys, each row too many or too few shows.
 */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class SavepointTakeoverTest {
  private static final long SEED = 61;
  private static final Pattern ROW =
      Pattern.compile("\"consistent\":true,\"commitTS\":(\\d+),.*\"schema-version\":(\\d+)");

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path dir;

  @Test
  void drainerWithASavepointFile_appliesWhatIsBehindIt_targetEqualsTheTruth() throws Exception {
    WorkloadSpec spec = WorkloadSpec.usual().withTables(2, 4).withTables(Tables.WITHOUT_KEY);
    try (GeneratedLoad load = GeneratedLoad.start(dir.resolve("load"), 1, SEED, spec, 150)) {
      Stage stage = load.stage();
      Thread.sleep(3_000);
      load.requireHealthy();
      assertThat(stage.drainer().stop()).isZero();
      String commitTs = onlyTheFileIsLeft(stage);
      long before = load.committed();
      Thread.sleep(1_000);
      ServerNode drainer = stage.startDrainerWhereItWas();
      drainer.awaitReady();
      load.finish();
      assertThat(load.committed()).isGreaterThan(before);
      assertThat(drainer.stop()).isZero();
      ComparisonReport report = load.compare();
      assertThat(report.differences()).as("seed %s", SEED).isEmpty();
      assertThat(Files.readString(drainer.log()))
          .contains("savepoint file decides")
          .contains(stage.drainerData().resolve("savepoint").toString())
          .contains(commitTs);
    }
  }

  /** What an original Drainer with a file checkpoint would leave; answers its commit timestamp. */
  private static String onlyTheFileIsLeft(Stage stage) throws Exception {
    try (Connection connection = stage.target().connect();
        Statement statement = connection.createStatement()) {
      Matcher row;
      try (ResultSet rows =
          statement.executeQuery("select checkPoint from tidb_binlog.checkpoint")) {
        assertThat(rows.next()).isTrue();
        row = ROW.matcher(rows.getString(1));
      }
      assertThat(row.find()).isTrue();
      Files.writeString(
          stage.drainerData().resolve("savepoint"),
          "consistent = true\ncommitTS = "
              + row.group(1)
              + "\nschema-version = "
              + row.group(2)
              + "\n");
      statement.execute("drop database tidb_binlog");
      return row.group(1);
    }
  }
}
