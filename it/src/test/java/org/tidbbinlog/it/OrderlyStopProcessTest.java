package org.tidbbinlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.ClusterConnection;
import org.tidbbinlog.cluster.registry.NodeKind;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.node.net.Tls;
import org.tidbbinlog.testkit.workload.WorkloadSpec;
import org.tidbbinlog.testkit.workload.WorkloadSpec.Tables;
import org.tidbbinlog.tools.compare.ComparisonReport;
import org.tidbbinlog.tools.stage.ServerNode;

/**
 * SIGTERM and close while the target is behind, or at work on a DDL: what was begun is ended, and
 * exit code, state and checkpoint say what is at the target (I6, I7, I8, decision 0077).
 */
@Timeout(value = 600, unit = TimeUnit.SECONDS)
class OrderlyStopProcessTest {
  private static final int SOME_BATCHES = 8;
  private static final Duration LOOK_AGAIN = Duration.ofMillis(800);
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final Duration LOCKED_ON = Duration.ofSeconds(2);

  /** Until the target lets go, and some seconds. */
  private static final Duration PROMPT = Duration.ofSeconds(15);

  private static final Duration BEYOND_THE_LIMIT = Duration.ofSeconds(60);
  private static final long SEED = 61;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path dir;

  /** How somebody asks for the stop. */
  private interface Ask {
    void stop(ServerNode drainer) throws Exception;
  }

  private record Row(boolean consistent, Tso commitTs) {}

  private static void terminate(ServerNode drainer) throws InterruptedException {
    drainer.signal("TERM");
  }

  private static void close(ServerNode drainer) throws InterruptedException {
    assertThat(drainer.changeState("close")).isPresent();
  }

  /** The tables have no keys: a row that is written twice, or never, shows. */
  @Test
  void stopWhileTheTargetIsBehind_endsPromptlyWithAllThatWasTaken() throws Exception {
    WorkloadSpec spec =
        WorkloadSpec.usual().withTables(2, 4).withTables(Tables.WITHOUT_KEY).withDdlPercent(0);
    try (GeneratedLoad load = GeneratedLoad.start(dir.resolve("load"), 1, SEED, spec, 600)) {
      stopBehind(load, OrderlyStopProcessTest::terminate);
      assertThat(state(load)).isEqualTo(NodeState.PAUSED);
      load.stage().drainer().startAgain();
      load.stage().drainer().awaitReady();
      stopBehind(load, OrderlyStopProcessTest::close);
      assertThat(state(load)).isEqualTo(NodeState.OFFLINE);
      finishEqual(load);
    }
  }

  private static void stopBehind(GeneratedLoad load, Ask ask) throws Exception {
    ServerNode drainer = load.stage().drainer();
    long applied = drainer.applied().value();
    Awaitility.await().atMost(LIMIT).until(() -> drainer.applied().value() > applied);
    try (Connection other = load.stage().target().connect();
        Statement statement = other.createStatement()) {
      // The checkpoint can be saved meanwhile: it is the rows that fill the window.
      statement.execute("lock tables " + String.join(" read, ", tables(statement)) + " read");
      awaitBlocked(drainer);
      ask.stop(drainer);
      Thread.sleep(LOCKED_ON.toMillis());
      assertThat(drainer.isAlive()).as("it waits for the target").isTrue();
    }
    assertThat(drainer.awaitExit(PROMPT)).isZero();
    assertThat(row(load).consistent()).isTrue();
  }

  @Test
  void sigtermDuringADdl_waitsForIt_andTheCheckpointIsBehindIt() throws Exception {
    try (GeneratedLoad load =
        GeneratedLoad.start(dir.resolve("load"), 1, SEED, WorkloadSpec.usual(), 100)) {
      ServerNode drainer = load.stage().drainer();
      Tso ddl;
      try (Connection other = load.stage().target().connect();
          Statement statement = other.createStatement()) {
        ddl = blockDdl(statement, drainer);
        terminate(drainer);
        Thread.sleep(LOCKED_ON.toMillis());
        assertThat(drainer.isAlive()).as("it waits for the DDL").isTrue();
      }
      assertThat(drainer.awaitExit(PROMPT)).isZero();
      assertThat(row(load).consistent()).isTrue();
      assertThat(row(load).commitTs()).isGreaterThanOrEqualTo(ddl);
      finishEqual(load);
    }
  }

  @Tag("soak")
  @Test
  void sigtermDuringADdlThatTakesTooLong_isNoOrderlyExit() throws Exception {
    try (GeneratedLoad load =
        GeneratedLoad.start(dir.resolve("load"), 1, SEED, WorkloadSpec.usual(), 100)) {
      ServerNode drainer = load.stage().drainer();
      try (Connection other = load.stage().target().connect();
          Statement statement = other.createStatement()) {
        Tso ddl = blockDdl(statement, drainer);
        close(drainer);
        assertThat(drainer.awaitExit(BEYOND_THE_LIMIT)).isEqualTo(1);
        assertThat(row(load).consistent()).isFalse();
        assertThat(row(load).commitTs()).isLessThan(ddl);
        assertThat(state(load)).isEqualTo(NodeState.PAUSED);
      }
      finishEqual(load);
    }
  }

  /** Rows of all tables may be written, and none of them altered or dropped; the DDL that waits. */
  private static Tso blockDdl(Statement statement, ServerNode drainer) throws Exception {
    List<String> tables = tables(statement);
    statement.execute("begin");
    for (String table : tables) {
      statement.executeQuery("select 1 from " + table + " limit 1").close();
    }
    Awaitility.await()
        .atMost(LIMIT)
        .until(() -> running(drainer).path("targetSays").asText().contains("metadata lock"));
    return new Tso(running(drainer).path("commitTS").asLong());
  }

  private static List<String> tables(Statement statement) {
    List<String> tables = new ArrayList<>();
    Awaitility.await()
        .atMost(LIMIT)
        .until(
            () -> {
              tables.clear();
              try (ResultSet rows =
                  statement.executeQuery(
                      "select concat('`', table_schema, '`.`', replace(table_name, '`', '``'), '`')"
                          + " from information_schema.tables where table_type = 'BASE TABLE'"
                          + " and table_schema not in ('mysql', 'sys', 'information_schema',"
                          + " 'performance_schema', 'tidb_binlog', 'test')")) {
                while (rows.next()) {
                  tables.add(rows.getString(1));
                }
              }
              return tables.size() > 2;
            });
    return tables;
  }

  private static JsonNode running(ServerNode drainer) throws Exception {
    String answer = drainer.get("/api/ddl").orElse("{}");
    return new ObjectMapper().readTree(answer).path("running");
  }

  /** What is between merge and sink stays there: the sink takes nothing. */
  private static void awaitBlocked(ServerNode drainer) throws Exception {
    long before = 0;
    for (long now = queued(drainer); now < SOME_BATCHES || now != before; now = queued(drainer)) {
      before = now;
      Thread.sleep(LOOK_AGAIN.toMillis());
    }
  }

  private static long queued(ServerNode drainer) throws Exception {
    return drainer.status().orElseThrow().path("Queued").asLong();
  }

  private static Row row(GeneratedLoad load) throws Exception {
    try (Connection connection = load.stage().target().connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("select checkPoint from tidb_binlog.checkpoint")) {
      assertThat(rows.next()).isTrue();
      JsonNode saved = new ObjectMapper().readTree(rows.getString(1));
      return new Row(
          saved.path("consistent").asBoolean(), new Tso(saved.path("commitTS").asLong()));
    }
  }

  private static NodeState state(GeneratedLoad load) throws Exception {
    try (ClusterConnection cluster =
        ClusterConnection.open(load.stage().cluster().pdUrls(), Tls.plaintext(), Clock.system())) {
      return cluster.registry().find(NodeKind.DRAINER, "drainer-1").orElseThrow().state();
    }
  }

  /** A second start goes on, and nothing is missing or double. */
  private static void finishEqual(GeneratedLoad load) throws Exception {
    ServerNode drainer = load.stage().drainer();
    drainer.startAgain();
    drainer.awaitReady();
    load.finish();
    assertThat(drainer.stop()).isZero();
    ComparisonReport report = load.compare();
    assertThat(report.differences()).as("seed %s", SEED).isEmpty();
    System.out.println(
        "orderly stop: equal seed=%d transactions=%d rows=%d"
            .formatted(SEED, load.committed(), report.rows()));
  }
}
