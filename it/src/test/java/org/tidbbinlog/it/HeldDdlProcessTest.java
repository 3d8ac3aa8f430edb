package org.tidbbinlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.testkit.mariadb.MariaDb;
import org.tidbbinlog.testkit.process.ChildJvm;
import org.tidbbinlog.testkit.workload.WorkloadSpec;
import org.tidbbinlog.tools.compare.ComparisonReport;
import org.tidbbinlog.tools.compare.TargetAddress;
import org.tidbbinlog.tools.stage.ServerNode;

/**
 * The target's user may not alter tables: the first such DDL of a load is held while the load goes
 * on, over a kill, until somebody does it by hand and skips it. The next is tried again, the one
 * after that replaced; then the target equals the truth.
 */
@Timeout(value = 600, unit = TimeUnit.SECONDS)
class HeldDdlProcessTest {
  private static final long SEED = 51;
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final String LAUNCHER = "org.tidbbinlog.playground.Launcher";

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path dir;

  private int commands;

  @Test
  void refusedDdl_isHeldOverAKill_andPassedByEachChoice_targetEqualsTheTruth() throws Exception {
    try (MariaDb target = MariaDb.start(dir.resolve("target"))) {
      target.execute(
          "create user narrow@'127.0.0.1'",
          "grant all on *.* to narrow@'127.0.0.1'",
          "revoke alter on *.* from narrow@'127.0.0.1'");
      TargetAddress narrow = new TargetAddress("narrow", "", "127.0.0.1", target.port());
      WorkloadSpec spec = WorkloadSpec.usual();
      try (GeneratedLoad load =
          GeneratedLoad.startAt(narrow, dir.resolve("load"), SEED, spec, 100)) {
        ServerNode drainer = load.stage().drainer();
        JsonNode held = awaitHeld(drainer);
        assertThat(held.path("error").asText()).contains("denied");
        awaitGoingOn(drainer);
        drainer.kill9();
        drainer.startAgain();
        drainer.awaitReady();
        JsonNode again = awaitHeld(drainer);
        assertThat(again.path("commitTS")).isEqualTo(held.path("commitTS"));
        assertThat(again.path("since")).isEqualTo(held.path("since"));
        awaitGoingOn(drainer);
        JsonNode status = drainer.status().orElseThrow();
        assertThat(status.path("Replication").asText()).isEqualTo("held");
        assertThat(status.path("HeldDDL").path("commitTS")).isEqualTo(held.path("commitTS"));
        assertThat(status.path("LastTS").asLong()).isLessThan(held.path("commitTS").asLong());
        assertThat(drainer.get("/metrics").orElseThrow()).contains("binlog_drainer_ddl_held 1");
        load.requireHealthy();
        assertThat(drainer.stop()).as("an orderly stop while held").isZero();
        drainer.startAgain();
        drainer.awaitReady();
        assertThat(awaitHeld(drainer).path("commitTS")).isEqualTo(held.path("commitTS"));

        String statement = held.path("statement").asText();
        String commitTs = held.path("commitTS").asText();
        String[] which = {"--node-id", "drainer-1", "--pd-urls", pdUrls(load)};
        String[] by = {"--by", "ann", "--drainer", drainer.address()};
        assertThat(run("list", which)).contains(statement).contains("ddl replace " + commitTs);
        target.execute("use `" + held.path("schema").asText() + "`", statement);
        assertThat(run("skip", with(commitTs, by))).contains("passed");

        held = awaitHeldBehind(drainer, held);
        commitTs = held.path("commitTS").asText();
        target.execute("grant alter on *.* to narrow@'127.0.0.1'");
        assertThat(run("retry", with(commitTs, by))).contains("passed");
        target.execute("revoke alter on *.* from narrow@'127.0.0.1'");

        held = awaitHeldBehind(drainer, held);
        commitTs = held.path("commitTS").asText();
        statement = held.path("statement").asText();
        target.execute("grant alter on *.* to narrow@'127.0.0.1'");
        assertThat(run("replace", with(commitTs, with(statement, by)))).contains("passed");
        Thread.sleep(2_000);
        load.finish();
        assertThat(run("history", which))
            .contains("skip")
            .contains("retry")
            .contains("replace")
            .contains("by ann (127.0.0.1)");
        assertThat(drainer.stop()).isZero();
        ComparisonReport report = load.compare();
        assertThat(report.differences()).as("seed %s", SEED).isEmpty();
        System.out.println(
            "held ddl: equal seed=%d transactions=%d rows=%d statement=[%s]"
                .formatted(SEED, load.committed(), report.rows(), statement));
      }
    }
  }

  private static String pdUrls(GeneratedLoad load) {
    return String.join(",", load.stage().cluster().pdUrls());
  }

  private static JsonNode held(ServerNode drainer) throws Exception {
    String answer = drainer.get("/api/ddl").orElse("{}");
    return new ObjectMapper().readTree(answer).path("held").path(0);
  }

  private static JsonNode awaitHeld(ServerNode drainer) {
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(
            () -> {
              drainer.requireAlive();
              assertThat(held(drainer).isObject()).isTrue();
            });
    try {
      return held(drainer);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static JsonNode awaitHeldBehind(ServerNode drainer, JsonNode earlier) {
    long passed = earlier.path("commitTS").asLong();
    Awaitility.await().atMost(LIMIT).until(() -> held(drainer).path("commitTS").asLong() > passed);
    return awaitHeld(drainer);
  }

  private static String[] with(String first, String... others) {
    return Stream.concat(Stream.of(first), Stream.of(others)).toArray(String[]::new);
  }

  private static void awaitGoingOn(ServerNode drainer) throws Exception {
    long before = held(drainer).path("behind").path("passedItems").asLong();
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(
            () ->
                assertThat(held(drainer).path("behind").path("passedItems").asLong())
                    .isGreaterThan(before + 20));
  }

  /** Runs {@code tidb-binlog ddl}; what it printed. */
  private String run(String what, String... arguments) throws Exception {
    String[] all = new String[arguments.length + 2];
    all[0] = "ddl";
    all[1] = what;
    System.arraycopy(arguments, 0, all, 2, arguments.length);
    commands++;
    try (ChildJvm command =
        ChildJvm.of(LAUNCHER, dir.resolve("ddl." + commands + ".log")).args(all).start()) {
      int code = command.awaitExit(LIMIT);
      assertThat(code).as("ddl %s printed %s", what, command.output()).isZero();
      return command.output();
    }
  }
}
