package org.tidbbinlog.tools.binlogctl;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.ClusterConnection;
import org.tidbbinlog.cluster.registry.NodeKind;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.cluster.registry.NodeStatus;
import org.tidbbinlog.node.net.Tls;
import org.tidbbinlog.node.server.HttpReply;
import org.tidbbinlog.node.server.HttpRoutes;
import org.tidbbinlog.node.server.PortServer;
import org.tidbbinlog.testkit.ClusterDouble;

/** The tool as a script runs it, against a PD on a real port. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BinlogctlTest {
  private static final String BUILT_IN_KEY =
      "a529b7665997f043a30ac8fadcb51d6aa032c226ab5b7750530b12b8c1a16a48";

  private final ClusterDouble cluster = ClusterDouble.start();
  private final List<NodeStatus> registered = new ArrayList<>();
  private final ClusterConnection connection;
  private Path folder = Path.of("");

  BinlogctlTest() throws InterruptedException {
    connection = ClusterConnection.open(cluster.pdUrls(), Tls.plaintext(), Clock.system());
  }

  @BeforeAll
  void useFolder(@TempDir Path folder) {
    this.folder = folder;
  }

  @AfterAll
  void stop() {
    connection.close();
    cluster.close();
  }

  /** The registry forgets nothing by itself; what a test left is hidden from the next one. */
  @AfterEach
  void hide() {
    for (NodeStatus node : registered) {
      connection.registry().updateState(node.kind(), node.nodeId(), NodeState.OFFLINE);
    }
  }

  @Test
  @DisplayName("binlogctl fact 1: generate_meta writes exactly one line with the TSO")
  void generateMeta_plain_oneLine() throws IOException {
    Path data = folder.resolve("plain");
    Run run = ctl("-cmd", "generate_meta", "-data-dir", data.toString());
    assertThat(run.code).isZero();
    String text = Files.readString(data.resolve("savepoint"));
    assertThat(text).matches("commitTS = \\d{18}\n");
    String ts = text.substring(11, 29);
    assertThat(run.out.lines().reduce("", (first, last) -> last))
        .endsWith("[\"save meta\"] [meta=\"commitTS: " + ts + "\"]");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data)))
        .isEqualTo("rwx------");
    assertThat(
            PosixFilePermissions.toString(Files.getPosixFilePermissions(data.resolve("savepoint"))))
        .isEqualTo("rw-r--r--");
    new Savepoint(data).write(new Tso(400962745252184065L), "");
    assertThat(Files.readAllBytes(data.resolve("savepoint")))
        .hasSize(30)
        .isEqualTo("commitTS = 400962745252184065\n".getBytes(StandardCharsets.UTF_8));
  }

  @Test
  @DisplayName(
      "binlogctl fact 2: the times of a zone are comments, so that any Drainer reads the file")
  void generateMeta_zone_commentLines() throws IOException {
    new Savepoint(folder).write(new Tso(400962745252184065L), "Asia/Shanghai");
    assertThat(Files.readString(folder.resolve("savepoint")))
        .isEqualTo(
            """
            commitTS = 400962745252184065
            # 2018-06-21 03:24:47 +0000 UTC
            # 2018-06-21 11:24:47 +0800 CST
            """);
    Run run =
        ctl("-cmd", "generate_meta", "-data-dir", folder.toString(), "-time-zone", "Mars/North");
    assertThat(run.code).isZero();
    assertThat(run.out).contains("[WARN]").contains("fail to load location");
    assertThat(Files.readAllLines(folder.resolve("savepoint"))).hasSize(1);
  }

  @Test
  @DisplayName("binlogctl fact 3: a second generate_meta replaces the file at once")
  void generateMeta_twice_replaces() throws IOException {
    Path data = folder.resolve("twice");
    ctl("-cmd", "generate_meta", "-data-dir", data.toString(), "-time-zone", "Local");
    String first = Files.readString(data.resolve("savepoint"));
    ctl("-cmd", "generate_meta", "-data-dir", data.toString());
    assertThat(Files.readString(data.resolve("savepoint"))).isNotEqualTo(first).hasLineCount(1);
    try (var files = Files.list(data)) {
      assertThat(files).hasSize(1);
    }
  }

  @Test
  @DisplayName("binlogctl fact 4: no pumps, no output (and fact 12: pumps is the default command)")
  void pumps_none_emptyOutput() {
    assertThat(ctl()).isEqualTo(new Run(0, "", ""));
    assertThat(ctl("-cmd", "drainers")).isEqualTo(new Run(0, "", ""));
  }

  @Test
  @DisplayName("binlogctl fact 5: offline nodes are hidden unless asked for")
  void pumps_listed_sortedWithoutOffline() {
    register(NodeKind.PUMP, "b:8250", "127.0.0.1:8250", NodeState.ONLINE);
    register(NodeKind.PUMP, "a:8250", "127.0.0.2:8250", NodeState.PAUSED);
    register(NodeKind.PUMP, "c:8250", "127.0.0.3:8250", NodeState.OFFLINE);
    List<String> lines = ctl("-cmd", "pumps").out.lines().toList();
    assertThat(lines).hasSize(2);
    assertThat(lines.get(0))
        .matches(
            "\\[.{30}\\] \\[INFO\\] \\[\\w+\\.java:\\d+\\] \\[\"query node\"\\] \\[type=pump\\]"
                + " \\[node=\"\\{NodeID: a:8250, Addr: 127\\.0\\.0\\.2:8250, State: paused,"
                + " MaxCommitTS: 470642686649696264, UpdateTime: 20\\d\\d-\\d\\d-\\d\\d"
                + " \\d\\d:\\d\\d:\\d\\d [+-]\\d{4} \\S+\\}\"\\]");
    assertThat(lines.get(1)).contains("NodeID: b:8250").contains("State: online");
    assertThat(ctl("-show-offline-nodes").out).contains("State: offline");
  }

  @Test
  @DisplayName("binlogctl fact 6: an unknown command is exit 1")
  void command_unknown_exit1() {
    Run run = ctl("-cmd", "foo");
    assertThat(run.code).isEqualTo(1);
    assertThat(run.out)
        .contains("[FATAL]")
        .contains("[\"fail to execute command\"] [command=foo] [error=\"cmd foo not supported\"]");
  }

  @Test
  @DisplayName("binlogctl fact 7: an illegal state is exit 1 and changes nothing")
  void update_illegalState_exit1() {
    register(NodeKind.PUMP, "illegal", "127.0.0.1:1", NodeState.ONLINE);
    Run run = ctl("-cmd", "update-pump", "-node-id", "illegal", "-state", "bogus");
    assertThat(run.code).isEqualTo(1);
    assertThat(run.out).contains("state bogus is illegal");
    assertThat(find(NodeKind.PUMP, "illegal").map(NodeStatus::state)).contains(NodeState.ONLINE);
  }

  @Test
  @DisplayName("binlogctl fact 8: an unknown node is exit 1 and named by its key")
  void update_unknownNode_exit1() {
    Run run = ctl("-cmd", "update-pump", "-node-id", "missing", "-state", "bogus");
    assertThat(run.code).isEqualTo(1);
    assertThat(run.out).contains("key /tidb-binlog/v1/pumps/missing in etcd not found");
    assertThat(ctl("-cmd", "pause-drainer", "-node-id", "missing").out)
        .contains("key /tidb-binlog/v1/drainers/missing in etcd not found");
    assertThat(ctl("-cmd", "pause-pump").out).contains("pause-pump needs -node-id");
  }

  @Test
  @DisplayName("binlogctl fact 9: an update says nothing and changes the state alone")
  void update_known_changesTheStateAlone() {
    NodeStatus before = register(NodeKind.DRAINER, "d", "127.0.0.1:1", NodeState.ONLINE);
    assertThat(ctl("-cmd", "update-drainer", "-node-id", "d", "-state", "paused"))
        .isEqualTo(new Run(0, "", ""));
    assertThat(find(NodeKind.DRAINER, "d"))
        .contains(
            new NodeStatus(
                NodeKind.DRAINER,
                "d",
                before.host(),
                NodeState.PAUSED,
                before.maxCommitTs(),
                before.updateTs()));
  }

  @Test
  @DisplayName("binlogctl fact 10: one PUT with the node's id and the action")
  void action_accepted_oneRequest() {
    List<String> requests = new ArrayList<>();
    try (PortServer node = node(requests, "{\"message\":\"ok\",\"code\":200,\"data\":null}")) {
      register(NodeKind.PUMP, "vm:8250", "127.0.0.1:" + node.port(), NodeState.ONLINE);
      register(NodeKind.DRAINER, "vm:8249", "127.0.0.1:" + node.port(), NodeState.ONLINE);
      Run pause = ctl("-cmd", "pause-pump", "-node-id", "vm:8250");
      assertThat(pause.code).isZero();
      assertThat(pause.out)
          .endsWith("[\"Apply action on node success\"] [action=pause] [NodeID=vm:8250]\n");
      assertThat(ctl("-cmd", "offline-drainer", "-node-id", "vm:8249").out)
          .endsWith("[action=close] [NodeID=vm:8249]\n");
    }
    assertThat(requests)
        .containsExactly("PUT /state/vm:8250/pause 0", "PUT /state/vm:8249/close 0");
  }

  @Test
  @DisplayName("binlogctl fact 11: a node that is down is exit 1 with the reason")
  void action_nodeDown_exit1() {
    int closedPort;
    try (PortServer node = node(new ArrayList<>(), "")) {
      closedPort = node.port();
    }
    register(NodeKind.PUMP, "down", "127.0.0.1:" + closedPort, NodeState.ONLINE);
    Run run = ctl("-cmd", "pause-pump", "-node-id", "down");
    assertThat(run.code).isEqualTo(1);
    assertThat(run.out)
        .contains("dial tcp 127.0.0.1:" + closedPort + ": connect: connection refused")
        .contains("/state/down/pause");
  }

  @Test
  @DisplayName("binlogctl fact 16: a node's refusal is exit 1 and shown")
  void action_refused_exit1() {
    String refusal = "{\"message\":\"this pump's state is paused\",\"code\":3,\"data\":null}";
    for (String body : List.of(refusal, "<html>not a pump</html>", "")) {
      try (PortServer node = node(new ArrayList<>(), body)) {
        register(NodeKind.PUMP, "refuses", "127.0.0.1:" + node.port(), NodeState.ONLINE);
        Run run = ctl("-cmd", "offline-pump", "-node-id", "refuses");
        assertThat(run.code).as(body).isEqualTo(1);
        assertThat(run.out)
            .contains(body.equals(refusal) ? "this pump's state is paused" : "unexpected reply");
      }
    }
  }

  @Test
  @DisplayName("binlogctl fact 13: what encrypt prints is decrypted with the built-in key")
  void encrypt_builtInKey_decrypts() throws Exception {
    Run run = ctl("-cmd", "encrypt", "-text", "abc");
    assertThat(run.code).isZero();
    assertThat(run.out).contains("[WARN]").contains("use the default secret key to encrypt");
    String start = "[\"encrypt text\"] [encrypted=";
    int at = run.out.indexOf(start) + start.length();
    String base64 = run.out.substring(at, run.out.indexOf("]\n", at)).replace("\"", "");
    assertThat(base64).hasSize(28);
    byte[] blob = Base64.getDecoder().decode(base64);
    assertThat(blob).hasSize(20);
    assertThat(blob[16]).isEqualTo((byte) '@');
    Cipher cipher = Cipher.getInstance("AES/CFB/NoPadding");
    cipher.init(
        Cipher.DECRYPT_MODE,
        new SecretKeySpec(HexFormat.of().parseHex(BUILT_IN_KEY), "AES"),
        new IvParameterSpec(blob, 0, 16));
    assertThat(cipher.doFinal(blob, 17, 3)).isEqualTo("abc".getBytes(StandardCharsets.UTF_8));
    assertThat(ctl("-cmd", "encrypt").out).contains("need to specify the text to be encrypt");
    assertThat(ctl("-cmd", "encrypt", "-cipher", "gcm", "-text", "abc").out)
        .contains("gcm needs a key of your own");
    assertThat(ctl("-cmd", "encrypt", "-cipher", "rot13", "-text", "abc").out)
        .contains("cipher rot13 not supported");
  }

  @Test
  @DisplayName("binlogctl fact 14: an argument that is no flag is exit 2")
  void flags_wrong_exit2() {
    Run extra = ctl("extra");
    assertThat(extra.code).isEqualTo(2);
    assertThat(extra.out)
        .contains("[ERROR]")
        .contains("[\"parse cmd flags\"] [error=\"'extra' is not a valid flag\"]");
    Run unknown = ctl("-bogus");
    assertThat(unknown.code).isEqualTo(2);
    assertThat(unknown.err).contains("-bogus").contains("Usage of binlogctl:");
    assertThat(ctl("-pd-urls", "nothing").code).isEqualTo(2);
    assertThat(ctl("-ssl-ca", "/no/such/file").code).isEqualTo(2);
    assertThat(ctl("-h").code).isZero();
    Run version = ctl("-V");
    assertThat(version.code).isZero();
    assertThat(version.out).startsWith("Release Version: ").endsWith("\n\n");
  }

  @Test
  @DisplayName("binlogctl fact 15: PD addresses with and without scheme")
  void pdUrls_bothForms() {
    String url = cluster.pdUrls().get(0);
    assertThat(run("-pd-urls", url).code).isZero();
    assertThat(run("-pd-urls", url.substring("http://".length())).code).isZero();
  }

  private PortServer node(List<String> requests, String body) {
    return PortServer.builder("node")
        .routes(
            HttpRoutes.builder()
                .put(
                    "/state/{nodeID}/{action}",
                    exchange -> {
                      requests.add(
                          exchange.method() + " " + exchange.path() + " " + exchange.body().length);
                      return HttpReply.json(body);
                    })
                .build())
        .start();
  }

  private NodeStatus register(NodeKind kind, String id, String host, NodeState state) {
    NodeStatus node =
        new NodeStatus(
            kind, id, host, state, new Tso(470642686649696264L), new Tso(470642687003852801L));
    connection.registry().put(node);
    registered.add(node);
    return node;
  }

  private Optional<NodeStatus> find(NodeKind kind, String id) {
    return connection.registry().find(kind, id);
  }

  private Run ctl(String... arguments) {
    List<String> all = new ArrayList<>(List.of("-pd-urls", String.join(",", cluster.pdUrls())));
    all.addAll(List.of(arguments));
    return run(all.toArray(new String[0]));
  }

  private static synchronized Run run(String... arguments) {
    PrintStream realOut = System.out;
    PrintStream realErr = System.err;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
    try {
      int code = Binlogctl.run(arguments);
      return new Run(
          code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(realOut);
      System.setErr(realErr);
    }
  }

  private record Run(int code, String out, String err) {}
}
