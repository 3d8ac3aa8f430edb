package org.tidbbinlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.testkit.ClusterDouble;
import org.tidbbinlog.testkit.mariadb.MariaDb;
import org.tidbbinlog.testkit.network.FreePort;
import org.tidbbinlog.testkit.process.ChildJvm;
import org.tidbbinlog.wire.etcd.KeyValue;

/** What an operator can get wrong: one line that says so, and the right exit code. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class BadDaysTest {
  private static final String LAUNCHER = "org.tidbbinlog.playground.Launcher";
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir static Path shared;
  private static ClusterDouble cluster;
  private static MariaDb target;

  @TempDir Path dir;
  private final List<ChildJvm> children = new ArrayList<>();

  @BeforeAll
  static void start() {
    cluster = ClusterDouble.start();
    target = MariaDb.start(shared.resolve("target"));
    target.execute(
        "CREATE USER 'guarded'@'%' IDENTIFIED BY 'right'",
        "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX ON *.* TO 'guarded'@'%'");
  }

  @AfterAll
  static void stop() {
    target.close();
    cluster.close();
  }

  @AfterEach
  void endChildren() {
    children.forEach(ChildJvm::close);
  }

  @Test
  void drainer_withClosedTarget_saysSo_exit2() throws Exception {
    int closed = FreePort.onLoopback();
    ChildJvm drainer = drainer(closed, "root", "");
    assertThat(drainer.awaitExit(LIMIT)).as(drainer.output()).isEqualTo(2);
    assertOneLine(drainer, "127.0.0.1:" + closed);
  }

  @Test
  void drainer_withWrongPassword_saysSo_exit2() throws Exception {
    ChildJvm drainer = drainer(target.port(), "guarded", "wrong");
    assertThat(drainer.awaitExit(LIMIT)).as(drainer.output()).isEqualTo(2);
    assertOneLine(drainer, "guarded");
  }

  @Test
  void drainer_withReadOnlyTarget_saysSo_exit2() throws Exception {
    target.execute("SET GLOBAL read_only = 1");
    try {
      ChildJvm drainer = drainer(target.port(), "guarded", "right");
      assertThat(drainer.awaitExit(LIMIT)).as(drainer.output()).isEqualTo(2);
      assertOneLine(drainer, "read");
    } finally {
      target.execute("SET GLOBAL read_only = 0");
    }
  }

  /** A key's version counts its writes; its lease is 0, because nothing may make it vanish. */
  @Test
  @DisplayName("registry facts 3, 4: keys carry no lease and are rewritten every 2 s and every 1 s")
  void registered_nodes_heartbeatAtTheirPace() throws Exception {
    pump("beating", "-data-dir=" + dir.resolve("data")).awaitLine("pump is online", LIMIT);
    ChildJvm drainer = drainer(target.port(), "root", "");
    drainer.awaitLine("drainer started", LIMIT);
    List<KeyValue> before = List.of(entry("pumps/beating"), onlyDrainer());
    Thread.sleep(10_000);
    List<KeyValue> after = List.of(entry("pumps/beating"), onlyDrainer());
    assertThat(after).extracting(KeyValue::getLease).containsOnly(0L);
    assertThat(after.get(0).getVersion() - before.get(0).getVersion()).isBetween(3L, 6L);
    assertThat(after.get(1).getVersion() - before.get(1).getVersion()).isBetween(6L, 11L);
    assertThat(drainer.stop(LIMIT)).isZero();
  }

  @Test
  @DisplayName(
      "registry fact 12: a killed Pump stays online in the registry, its time stands still")
  void killedPump_staysOnlineInTheRegistry_withFrozenTime() throws Exception {
    ChildJvm pump = pump("killed", "-data-dir=" + dir.resolve("data"));
    pump.awaitLine("pump is online", LIMIT);
    pump.kill9();
    KeyValue left = entry("pumps/killed");
    Thread.sleep(3_000);
    assertThat(entry("pumps/killed")).isEqualTo(left);
    assertThat(left.getValue().toStringUtf8()).contains("\"state\":\"online\"");
  }

  private static KeyValue entry(String node) {
    return cluster.pd().etcd().get("/tidb-binlog/v1/" + node).orElseThrow();
  }

  private static KeyValue onlyDrainer() {
    return cluster.pd().etcd().list("/tidb-binlog/v1/drainers/").stream()
        .filter(entry -> entry.getValue().toStringUtf8().contains("\"state\":\"online\""))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void secondPump_onTheSameDataDir_saysSo_exit1() throws Exception {
    ChildJvm first = pump("one", "-data-dir=" + dir.resolve("data"));
    first.awaitLine("pump is online", LIMIT);
    ChildJvm second = pump("two", "-data-dir=" + dir.resolve("data"));
    assertThat(second.awaitExit(LIMIT)).as(second.output()).isEqualTo(1);
    assertOneLine(second, dir.resolve("data").toString());
  }

  @Test
  void pump_withTakenPort_saysSo_exit2() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String address = "127.0.0.1:" + taken.getLocalPort();
      ChildJvm pump = pump("one", "-data-dir=" + dir.resolve("data"), "-addr=" + address);
      assertThat(pump.awaitExit(LIMIT)).as(pump.output()).isEqualTo(2);
      assertOneLine(pump, Integer.toString(taken.getLocalPort()));
    }
  }

  @Test
  void pump_withConfigThatIsNoToml_saysWhere_exit1() throws Exception {
    Path config = Files.writeString(dir.resolve("pump.toml"), "gc = 7\naddr = [\n");
    ChildJvm pump = pump("one", "-config=" + config);
    assertThat(pump.awaitExit(LIMIT)).as(pump.output()).isEqualTo(1);
    assertOneLine(pump, "pump.toml");
  }

  @Test
  void pump_withUnknownKey_saysLineAndColumn_exit1() throws Exception {
    Path config = Files.writeString(dir.resolve("pump.toml"), "gc = 7\n  colour = \"red\"\n");
    ChildJvm pump = pump("one", "-config=" + config);
    assertThat(pump.awaitExit(LIMIT)).as(pump.output()).isEqualTo(1);
    assertOneLine(pump, "colour");
    assertThat(pump.output()).contains("line 2").contains("column 3");
  }

  @Test
  void drainer_withMissingConfigFile_saysSo_exit1() throws Exception {
    ChildJvm drainer = child("drainer", "-config=" + dir.resolve("nowhere.toml"));
    assertThat(drainer.awaitExit(LIMIT)).as(drainer.output()).isEqualTo(1);
    assertOneLine(drainer, "nowhere.toml");
  }

  @Test
  void secondPump_withTheSameNodeId_saysSo_exit2() throws Exception {
    ChildJvm first = pump("same", "-data-dir=" + dir.resolve("a"));
    first.awaitLine("pump is online", LIMIT);
    ChildJvm second = pump("same", "-data-dir=" + dir.resolve("b"));
    assertThat(second.awaitExit(LIMIT)).as(second.output()).isEqualTo(2);
    assertOneLine(second, "same");
    assertThat(first.isAlive()).isTrue();
  }

  @Test
  void secondDrainer_withTheSameNodeId_saysSo_exit2() throws Exception {
    ChildJvm first = drainer(target.port(), "root", "", "-node-id=twin");
    first.awaitLine("drainer started", LIMIT);
    ChildJvm second =
        drainer(target.port(), "root", "", "-node-id=twin", "-data-dir=" + dir.resolve("another"));
    assertThat(second.awaitExit(LIMIT)).as(second.output()).isEqualTo(2);
    assertOneLine(second, "node id twin is in use by a living drainer");
    assertThat(entry("drainers/twin").getValue().toStringUtf8()).contains("\"state\":\"online\"");
    assertThat(first.stop(LIMIT)).isZero();
  }

  @Test
  void drainer_toldToStopWhilePdIsDown_endsAtOnce_exit0() throws Exception {
    ChildJvm drainer =
        child(
            "drainer",
            "-addr=127.0.0.1:" + FreePort.onLoopback(),
            "-pd-urls=http://127.0.0.1:" + FreePort.onLoopback(),
            "-data-dir=" + dir.resolve("drainer"));
    drainer.awaitLine("PD discovery failed", LIMIT);
    assertThat(drainer.stop(Duration.ofSeconds(10))).as(drainer.output()).isZero();
    assertThat(drainer.output()).contains("start cut short").doesNotContain("[FATAL]");
  }

  @Test
  void nodes_withAPushgatewayThatCannotBe_saySo_exit1() throws Exception {
    for (String command : List.of("pump", "drainer")) {
      ChildJvm child =
          child(
              command,
              "-metrics-addr=a b",
              "-pd-urls=" + String.join(",", cluster.pdUrls()),
              "-data-dir=" + dir.resolve(command));
      assertThat(child.awaitExit(LIMIT)).as(child.output()).isEqualTo(1);
      assertOneLine(child, "metrics-addr is ");
    }
  }

  @Test
  void capture_ofPumpOfAnotherCluster_saysSo_exit1() throws Exception {
    ChildJvm pump = pump("other", "-data-dir=" + dir.resolve("data"));
    String address = pump.awaitLine("pump is online.*addr=([0-9.:]+)", LIMIT).group(1);
    try (ClusterDouble other =
        ClusterDouble.start(ClusterDouble.Plan.small().withClusterId(4711))) {
      ChildJvm capture =
          child(
              "capture",
              "--pump=" + address,
              "--pd-urls=" + other.pdUrls().get(0),
              "--out=" + dir.resolve("out"));
      assertThat(capture.awaitExit(LIMIT)).as(capture.output()).isEqualTo(1);
      assertThat(capture.output()).contains("cluster ID are mismatch, 4711 vs");
    }
  }

  /** Exactly one record of an error, without a stack, naming {@code what}. */
  private static void assertOneLine(ChildJvm child, String what) {
    List<String> errors =
        child
            .output()
            .lines()
            .filter(line -> line.contains("[ERROR]") || line.contains("[FATAL]"))
            .toList();
    assertThat(errors).as(child.output()).hasSize(1);
    assertThat(errors.get(0)).contains(what).doesNotContain("[stack=");
  }

  private ChildJvm pump(String nodeId, String... more) {
    List<String> arguments = new ArrayList<>();
    arguments.add("pump");
    arguments.add("-node-id=" + nodeId);
    arguments.add("-pd-urls=" + String.join(",", cluster.pdUrls()));
    if (List.of(more).stream().noneMatch(argument -> argument.startsWith("-addr="))) {
      arguments.add("-addr=127.0.0.1:" + FreePort.onLoopback());
    }
    arguments.addAll(List.of(more));
    return child(arguments.toArray(String[]::new));
  }

  private ChildJvm drainer(int targetPort, String user, String password, String... more)
      throws IOException {
    Path config =
        Files.writeString(
            dir.resolve("drainer.toml"),
            """
            [syncer]
            db-type = "mysql"
            [syncer.to]
            host = "127.0.0.1"
            port = %d
            user = "%s"
            password = "%s"
            """
                .formatted(targetPort, user, password));
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "drainer",
                "-config=" + config,
                "-addr=127.0.0.1:" + FreePort.onLoopback(),
                "-pd-urls=" + String.join(",", cluster.pdUrls()),
                "-data-dir=" + dir.resolve("drainer")));
    arguments.addAll(List.of(more));
    return child(arguments.toArray(String[]::new));
  }

  private ChildJvm child(String... arguments) {
    ChildJvm child =
        ChildJvm.of(LAUNCHER, dir.resolve("child-" + children.size() + ".log"))
            .jvm("-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
            .args(arguments)
            .start();
    children.add(child);
    return child;
  }
}
