package org.tidbbinlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.testkit.capture.Capture;
import org.tidbbinlog.testkit.capture.CaptureReader;
import org.tidbbinlog.testkit.mariadb.MariaDb;
import org.tidbbinlog.testkit.mariadb.MariaDbOptions;
import org.tidbbinlog.testkit.network.FreePort;
import org.tidbbinlog.testkit.process.ChildJvm;

/** {@code bench drainer} as users run it, on a small load. */
class DrainerBenchTest {
  private static final String LAUNCHER = "org.tidbbinlog.playground.Launcher";

  /** Of the checkpoint and the ledger, beside those of rows. */
  private static final long OTHER_COMMITS = 20;

  @TempDir private Path dir;

  @Test
  @Timeout(120)
  void mixedLoad_isDrainedEqualAndSentAgain() throws Exception {
    JsonNode report =
        run("--generate", "mixed", "--scale", "0.01", "--workers", "4", "--ceiling", "--json");

    assertThat(report.path("transactions").asInt()).isEqualTo(910);
    JsonNode drain = report.path("drains").path(0);
    assertThat(drain.path("equal").asBoolean()).as("target of the drain").isTrue();
    assertThat(drain.path("rows_per_second").asDouble()).isPositive();
    assertThat(drain.path("cpu_seconds").asDouble()).isPositive();
    assertThat(drain.path("rss_peak_mb").asDouble()).isPositive();
    assertThat(drain.path("stage_shares").size()).isEqualTo(5);
    JsonNode ceiling = report.path("ceilings").path(0);
    assertThat(ceiling.path("equal").asBoolean()).as("target of the ceiling").isTrue();
    assertThat(ceiling.path("seconds").asDouble()).isPositive();
    assertThat(report.path("ceiling_to_ours_from_the_first_pull").asDouble()).isPositive();
  }

  @Test
  @Timeout(120)
  void latency_countsEveryProbe() throws Exception {
    JsonNode report = run("--latency", "--probes", "20", "--json");

    assertThat(report.path("rows").asInt()).isEqualTo(20);
    assertThat(report.path("latency_ms").path("p50").asDouble()).isPositive();
  }

  @Test
  @Timeout(120)
  void capture_isDrainedWhole_andComparedWithItsOwnTruth() throws Exception {
    Path folder = Captures.folder("04-txn");
    int transactions = 0;
    int ddl = 0;
    try (CaptureReader reader = Capture.open(folder).binlogs()) {
      while (reader.hasNext()) {
        if (Binlog.decode(ByteBuffer.wrap(reader.next())).isDdl()) {
          ddl++;
        } else {
          transactions++;
        }
      }
    }

    JsonNode report = run("--capture", folder.toString(), "--json");

    assertThat(report.path("load").asText()).isEqualTo("04-txn");
    assertThat(report.path("transactions").asInt()).isEqualTo(transactions).isPositive();
    assertThat(report.path("ddl").asInt()).isEqualTo(ddl).isPositive();
    assertThat(report.path("rows").asInt()).isGreaterThan(1000);
    assertThat(report.path("bytes").asLong())
        .isGreaterThan(Files.size(folder.resolve("binlogs.bin.gz")));
    assertThat(report.path("drains").size()).isEqualTo(1);
    assertThat(report.path("drains").path(0).path("equal").asBoolean()).isTrue();
    assertThat(report.path("drains").path(0).path("target_cpu_seconds").asDouble())
        .as("of the embedded server")
        .isPositive();
  }

  @Test
  @Timeout(120)
  void captureWithAnotherTruth_isExitCode1_andNamesTheTable() throws Exception {
    Path folder = Files.createDirectory(dir.resolve("other-truth"));
    for (String name : List.of("binlogs.bin.gz", "meta.jsonl.gz", "cluster-id", "final.tsv")) {
      Files.copy(Captures.folder("04-txn").resolve(name), folder.resolve(name));
    }
    Path truth = folder.resolve("final.tsv");
    Files.writeString(truth, Files.readString(truth).replace("3\t103\n", "3\t104\n"));

    Said said = say("--capture", folder.toString());

    assertThat(said.code).as(said.output).isEqualTo(1);
    assertThat(said.output).contains("target DIFFERENT: ").contains("acct");
  }

  private static MariaDb startTarget(Path data) {
    return MariaDb.start(data, MariaDbOptions.forTests().with("--userstat=1"));
  }

  private static String url(MariaDb target) {
    return "mysql://root@127.0.0.1:" + target.port();
  }

  private static List<String> query(MariaDb target, String sql) throws SQLException {
    try (Connection connection = target.connect();
        ResultSet rows = connection.createStatement().executeQuery(sql)) {
      List<String> found = new ArrayList<>();
      while (rows.next()) {
        found.add(rows.getString(1));
      }
      return found;
    }
  }

  @Test
  @Timeout(240)
  void txnBatch_isTheRowsOfATargetTransaction() throws Exception {
    try (MariaDb target = startTarget(dir.resolve("target"))) {
      for (int batch : new int[] {10, 100}) {
        long before = commits(target);
        JsonNode report =
            run(
                "--generate",
                "big-transaction",
                "--scale",
                "0.002",
                "--txn-batch",
                Integer.toString(batch),
                "--target",
                url(target),
                "--json");
        int expected = 2000 / batch;
        JsonNode drain = report.path("drains").path(0);
        assertThat(report.path("txn_batch").asInt()).isEqualTo(batch);
        assertThat(drain.path("equal").asBoolean()).isTrue();
        assertThat(drain.path("target_transactions").asInt()).isEqualTo(expected);
        assertThat(commits(target) - before)
            .as("commits that the server counted with a batch of %s", batch)
            .isBetween((long) expected, expected + OTHER_COMMITS);
      }
    }
  }

  /** The statement COMMIT, over the server's life. */
  private static long commits(MariaDb target) throws SQLException {
    return Long.parseLong(
        query(
                target,
                "select variable_value from information_schema.global_status"
                    + " where variable_name='com_commit'")
            .get(0));
  }

  @Test
  @Timeout(240)
  void existingTarget_getsTheRows_andIsLeftAsItWas() throws Exception {
    try (MariaDb target = startTarget(dir.resolve("target"))) {
      target.execute(
          "create user bench@'%' identified by 'p@ss:\"w'", "grant all on *.* to bench@'%'");
      String url = "mysql://bench:p%40ss%3A%22w@127.0.0.1:" + target.port();
      List<String> before = query(target, "show databases");
      String[] load = {"--generate", "hot-row", "--scale", "0.01", "--json", "--target", url};

      JsonNode report = run(load);

      assertThat(query(target, "show databases")).isEqualTo(before);
      assertThat(query(target, "select id from information_schema.processlist where user='bench'"))
          .isEmpty();
      assertThat(report.path("target").asText())
          .isEqualTo(query(target, "select version()").get(0));
      assertThat(report.path("rows").asInt()).isEqualTo(210);
      JsonNode drain = report.path("drains").path(0);
      assertThat(drain.path("equal").asBoolean()).isTrue();
      assertThat(drain.path("cpu_seconds").asDouble()).isPositive();
      assertThat(drain.has("target_cpu_seconds")).as("CPU of a process not known").isFalse();
      assertThat(changesBy(target, "bench")).isGreaterThanOrEqualTo(10);

      JsonNode again = run(with(load, "--target-pid", Long.toString(target.pid())));

      assertThat(again.path("drains").path(0).path("equal").asBoolean()).isTrue();
      assertThat(again.path("drains").path(0).path("target_cpu_seconds").asDouble()).isPositive();
      assertThat(query(target, "show databases")).isEqualTo(before);
    }
  }

  private static String[] with(String[] arguments, String... more) {
    return Stream.concat(Arrays.stream(arguments), Arrays.stream(more)).toArray(String[]::new);
  }

  private static long changesBy(MariaDb target, String user) throws SQLException {
    return Long.parseLong(
        query(
                target,
                "select rows_inserted+rows_updated from information_schema.user_statistics"
                    + " where user='"
                    + user
                    + "'")
            .get(0));
  }

  @Test
  @Timeout(120)
  void targetThatHoldsADatabase_isRefused_andNotTouched() throws Exception {
    try (MariaDb target = startTarget(dir.resolve("target"))) {
      target.execute(
          "create database mine",
          "create table mine.t(id int primary key)",
          "insert into mine.t values(1)");

      Said said = say("--generate", "hot-row", "--scale", "0.01", "--target", url(target));

      assertThat(said.code).as(said.output).isEqualTo(1);
      assertThat(said.output).contains("holds [mine]").contains("give an empty server");
      assertThat(query(target, "select id from mine.t")).containsExactly("1");
    }
  }

  @Test
  @Timeout(120)
  void badInput_isOneLineThatNamesIt_andExitCode1() throws Exception {
    Path nowhere = dir.resolve("nowhere");
    requireRefused("not a capture: " + nowhere, "--capture", nowhere.toString());
    String closed = "127.0.0.1:" + FreePort.onLoopback();
    requireRefused(
        "target root@" + closed + ": ",
        "--generate",
        "mixed",
        "--target",
        "mysql://root@" + closed);
    requireRefused(
        "not a target: localhost:3306; write it as mysql://",
        "--generate",
        "mixed",
        "--target",
        "localhost:3306");
    requireRefused("numbers begin at 1", "--generate", "mixed", "--txn-batch", "0");
    requireRefused("give either --capture or --generate");
  }

  private void requireRefused(String why, String... arguments) throws Exception {
    Said said = say(arguments);
    assertThat(said.code).as(said.output).isEqualTo(1);
    assertThat(said.output.lines().filter(line -> line.startsWith("drainer: ")))
        .as(said.output)
        .singleElement()
        .asString()
        .contains(why);
    assertThat(said.output).doesNotContain("\tat ");
  }

  @Test
  @Timeout(60)
  void help_saysWhatATargetIsUsedFor() throws Exception {
    Said said = say("--help");

    assertThat(said.code).as(said.output).isZero();
    assertThat(said.output.replaceAll("\\s+", " "))
        .contains("of an empty server; what is drained is dropped there between the runs")
        .contains("with --target: the server's process, to show its CPU time");
  }

  private JsonNode run(String... arguments) throws Exception {
    Said said = say(arguments);
    assertThat(said.code).as(said.output).isZero();
    String json =
        said.output.lines().filter(line -> line.startsWith("{")).findFirst().orElseThrow();
    return new ObjectMapper().readTree(json);
  }

  /** How a run ended. */
  private record Said(int code, String output) {}

  private Said say(String... arguments) throws Exception {
    Path output = dir.resolve("bench.out");
    try (ChildJvm bench =
        ChildJvm.of(LAUNCHER, output)
            .jvm("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
            .args("bench", "drainer", "--data-dir", dir.resolve("data").toString())
            .args(arguments)
            .start()) {
      int code = bench.awaitExit(Duration.ofSeconds(110));
      return new Said(code, bench.output());
    }
  }
}
