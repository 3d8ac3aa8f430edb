package org.tidbbinlog.cluster.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.TestLinks;
import org.tidbbinlog.cluster.net.Links;
import org.tidbbinlog.cluster.registry.NodeKind;
import org.tidbbinlog.cluster.registry.NodeNotFoundException;
import org.tidbbinlog.cluster.registry.NodeRegistry;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.cluster.registry.NodeStatus;
import org.tidbbinlog.wire.etcd.CompactionRequest;
import org.tidbbinlog.wire.etcd.KVGrpc;

/** What the registry promises over any etcd; run over the double and over a real server. */
@Timeout(60)
interface EtcdContract {
  /** {@code http://host:port} of an etcd with no keys. */
  String url();

  /** The server goes away, keeping its data. */
  void stopServer();

  void startServerAgain();

  /** One client to the server of a test. */
  record Opened(Links links, EtcdClient etcd, EtcdNodeRegistry registry) implements AutoCloseable {
    static Opened to(String url) {
      Links links = TestLinks.open();
      EtcdClient etcd =
          new EtcdClient(
              org.tidbbinlog.cluster.net.PdUrls.parse(url),
              links,
              TestLinks.policy(Duration.ofSeconds(5)));
      return new Opened(
          links, etcd, new EtcdNodeRegistry(etcd, Clock.system(), Duration.ofMillis(500)));
    }

    String value(String key) {
      return etcd.get(key).map(k -> k.value().toStringUtf8()).orElse("absent");
    }

    void raw(String key, String value) {
      etcd.put(key, ByteString.copyFromUtf8(value), 0);
    }

    void compactNow() {
      long revision = etcd.list("/tidb-binlog/").revision();
      var unused =
          KVGrpc.newBlockingStub(links.to(etcd.endpoints().get(0)))
              .compact(CompactionRequest.newBuilder().setRevision(revision).build());
    }

    @Override
    public void close() {
      registry.close();
      links.close();
    }
  }

  static NodeStatus pump(String id, NodeState state, long maxCommitTs) {
    return new NodeStatus(NodeKind.PUMP, id, "b:1", state, new Tso(maxCommitTs), new Tso(3));
  }

  @Test
  @DisplayName("registry fact 2: the value of a node is byte for byte what Go writes")
  default void put_newNode_writesGoBytes() {
    try (Opened on = Opened.to(url())) {
      on.registry().put(pump("a", NodeState.ONLINE, 2));
      assertThat(on.value("/tidb-binlog/v1/pumps/a"))
          .isEqualTo(
              "{\"nodeId\":\"a\",\"host\":\"b:1\",\"state\":\"online\",\"isAlive\":false,"
                  + "\"score\":0,\"label\":null,\"maxCommitTS\":2,\"updateTS\":3}");
    }
  }

  @Test
  @DisplayName("registry fact 3: a registered key has no lease")
  default void put_newAndExisting_hasNoLease() {
    try (Opened on = Opened.to(url())) {
      on.registry().put(pump("a", NodeState.ONLINE, 2));
      on.registry().put(pump("a", NodeState.PAUSED, 4));
      assertThat(on.etcd().get("/tidb-binlog/v1/pumps/a"))
          .hasValueSatisfying(key -> assertThat(key.lease()).isZero());
      assertThat(on.registry().find(NodeKind.PUMP, "a")).contains(pump("a", NodeState.PAUSED, 4));
    }
  }

  @Test
  @DisplayName("registry fact 5: updating a vanished key says 'in etcd not found'")
  default void updateState_absentNode_isNotFound() {
    try (Opened on = Opened.to(url())) {
      assertThatThrownBy(() -> on.registry().updateState(NodeKind.PUMP, "gone", NodeState.PAUSED))
          .isInstanceOf(NodeNotFoundException.class)
          .hasMessage("key /tidb-binlog/v1/pumps/gone in etcd not found");
      assertThat(on.value("/tidb-binlog/v1/pumps/gone")).isEqualTo("absent");
    }
  }

  @Test
  @DisplayName("registry fact 6: listing ignores null, garbage and deeper keys")
  default void list_unreadableValues_areSkipped() {
    try (Opened on = Opened.to(url())) {
      on.registry().put(pump("b", NodeState.ONLINE, 1));
      on.registry().put(pump("a", NodeState.OFFLINE, 1));
      on.raw("/tidb-binlog/v1/pumps/null", "null");
      on.raw("/tidb-binlog/v1/pumps/garbage", "{");
      on.raw("/tidb-binlog/v1/pumps/odd", "[1]");
      on.raw("/tidb-binlog/v1/pumps/state", "{\"nodeId\":\"state\",\"state\":\"sleeping\"}");
      on.raw("/tidb-binlog/v1/pumps/deep/er", "{\"nodeId\":\"deep\",\"state\":\"online\"}");
      on.raw("/tidb-binlog/v1/pumpsX/c", "{\"nodeId\":\"c\",\"state\":\"online\"}");
      assertThat(on.registry().list(NodeKind.PUMP))
          .extracting(NodeStatus::nodeId)
          .containsExactly("a", "b");
      assertThat(on.registry().find(NodeKind.PUMP, "null")).isEmpty();
      assertThat(on.registry().listing(NodeKind.PUMP).unreadable())
          .as("whoever needs all nodes must know of those that cannot be read")
          .containsExactly(
              "/tidb-binlog/v1/pumps/garbage",
              "/tidb-binlog/v1/pumps/null",
              "/tidb-binlog/v1/pumps/odd",
              "/tidb-binlog/v1/pumps/state");
    }
  }

  @Test
  @DisplayName("registry fact 7: a state edited by hand is overwritten by the node's next update")
  default void put_afterForeignEdit_lastWriterWins() {
    try (Opened on = Opened.to(url())) {
      on.registry().put(pump("a", NodeState.ONLINE, 1));
      on.registry().updateState(NodeKind.PUMP, "a", NodeState.PAUSED);
      assertThat(on.registry().find(NodeKind.PUMP, "a").orElseThrow().state())
          .isEqualTo(NodeState.PAUSED);
      on.registry().put(pump("a", NodeState.ONLINE, 2));
      assertThat(on.registry().find(NodeKind.PUMP, "a")).contains(pump("a", NodeState.ONLINE, 2));
    }
  }

  @Test
  @DisplayName("registry fact 9: big numbers and unknown names survive a change of state")
  default void updateState_changesNothingElse() {
    try (Opened on = Opened.to(url())) {
      String before =
          "{ \"nodeId\":\"a\",\"host\":\"b:1\",\"STATE\":\"online\",\"score\":12345678901234567890,"
              + "\"label\":{\"labels\":{\"state\":\"x\"}},\"maxCommitTS\":470642686649696264,"
              + "\"updateTS\":0.10,\"new\":[1,{\"state\":2}]}";
      on.raw("/tidb-binlog/v1/drainers/a", before);
      on.registry().updateState(NodeKind.DRAINER, "a", NodeState.CLOSING);
      assertThat(on.value("/tidb-binlog/v1/drainers/a"))
          .isEqualTo(before.replace("\"STATE\":\"online\"", "\"STATE\":\"closing\""));
    }
  }

  @Test
  @DisplayName("registry fact 11: keys live only under the two v1 prefixes")
  default void put_bothKinds_useOnlyTheirFolders() {
    try (Opened on = Opened.to(url())) {
      on.registry().put(pump("a", NodeState.ONLINE, 1));
      on.registry().put(pump("b", NodeState.ONLINE, 1));
      on.registry()
          .put(
              new NodeStatus(NodeKind.DRAINER, " d ", "h:2", NodeState.ONLINE, Tso.ZERO, Tso.ZERO));
      assertThat(on.etcd().list("/").keys())
          .extracting(EtcdKey::keyText)
          .containsExactly(
              "/tidb-binlog/v1/drainers/d", "/tidb-binlog/v1/pumps/a", "/tidb-binlog/v1/pumps/b");
    }
  }

  @Test
  default void put_idWithSlash_isRefused() {
    try (Opened on = Opened.to(url())) {
      assertThatThrownBy(() -> on.registry().put(pump("a/b", NodeState.ONLINE, 1)))
          .isInstanceOf(OperatorException.class)
          .hasMessageContaining("'a/b'");
    }
  }

  @Test
  default void watch_changes_areToldWhole() throws Exception {
    try (Opened on = Opened.to(url())) {
      List<List<NodeStatus>> told = new CopyOnWriteArrayList<>();
      try (NodeRegistry.Watching watching = on.registry().watch(NodeKind.PUMP, told::add)) {
        assertThat(watching).isNotNull();
        await().untilAsserted(() -> assertThat(told).containsExactly(List.of()));
        on.registry().put(pump("a", NodeState.ONLINE, 1));
        on.registry().put(pump("b", NodeState.ONLINE, 1));
        on.registry().updateState(NodeKind.PUMP, "a", NodeState.PAUSING);
        awaitLast(told, pump("a", NodeState.PAUSING, 1), pump("b", NodeState.ONLINE, 1));
        on.etcd().delete("/tidb-binlog/v1/pumps/a");
        awaitLast(told, pump("b", NodeState.ONLINE, 1));
      }
    }
  }

  @Test
  default void watch_quietServer_isNotTakenForDead() throws Exception {
    try (Opened on = Opened.to(url())) {
      List<List<NodeStatus>> told = new CopyOnWriteArrayList<>();
      try (NodeRegistry.Watching watching = on.registry().watch(NodeKind.PUMP, told::add)) {
        assertThat(watching).isNotNull();
        await().until(() -> told.size() == 1);
        Thread.sleep(2_000);
        assertThat(told).as("a new listing would mean that the watch broke").hasSize(1);
      }
    }
  }

  @Test
  default void watch_followerThatFails_hearsOfTheNextChange() throws Exception {
    try (Opened on = Opened.to(url())) {
      List<List<NodeStatus>> told = new CopyOnWriteArrayList<>();
      Consumer<List<NodeStatus>> failing =
          nodes -> {
            told.add(nodes);
            throw new IllegalStateException("bug of the follower");
          };
      try (NodeRegistry.Watching watching = on.registry().watch(NodeKind.PUMP, failing)) {
        assertThat(watching).isNotNull();
        await().until(() -> !told.isEmpty());
        on.registry().put(pump("a", NodeState.ONLINE, 1));
        awaitLast(told, pump("a", NodeState.ONLINE, 1));
      }
    }
  }

  @Test
  default void watch_serverAwayAndCompacted_goesOn() throws Exception {
    try (Opened on = Opened.to(url());
        Opened other = Opened.to(url())) {
      List<List<NodeStatus>> told = new CopyOnWriteArrayList<>();
      try (NodeRegistry.Watching watching = on.registry().watch(NodeKind.PUMP, told::add)) {
        assertThat(watching).isNotNull();
        on.registry().put(pump("a", NodeState.ONLINE, 1));
        awaitLast(told, pump("a", NodeState.ONLINE, 1));
        stopServer();
        Thread.sleep(500);
        startServerAgain();
        other.registry().put(pump("a", NodeState.PAUSED, 7));
        other.registry().put(pump("c", NodeState.ONLINE, 1));
        other.compactNow();
        awaitLast(told, pump("a", NodeState.PAUSED, 7), pump("c", NodeState.ONLINE, 1));
        other.registry().put(pump("a", NodeState.ONLINE, 8));
        awaitLast(told, pump("a", NodeState.ONLINE, 8), pump("c", NodeState.ONLINE, 1));
      }
    }
  }

  private static void awaitLast(List<List<NodeStatus>> told, NodeStatus... nodes) {
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(told.get(told.size() - 1)).containsExactly(nodes));
  }

  @Test
  default void call_serverAwayForAShortTime_isRepeated() throws Exception {
    try (Opened on = Opened.to(url())) {
      on.registry().put(pump("a", NodeState.ONLINE, 1));
      stopServer();
      Thread starter =
          new Thread(
              () -> {
                sleep(1_000);
                startServerAgain();
              });
      starter.start();
      on.registry().put(pump("a", NodeState.ONLINE, 2));
      starter.join();
      assertThat(on.registry().find(NodeKind.PUMP, "a")).contains(pump("a", NodeState.ONLINE, 2));
    }
  }

  @Test
  default void lease_expiry_dropsItsKeys() throws Exception {
    try (Opened on = Opened.to(url())) {
      long kept = on.etcd().grantLease(Duration.ofSeconds(1));
      long dropped = on.etcd().grantLease(Duration.ofSeconds(1));
      on.etcd().put("/x/kept", ByteString.copyFromUtf8("1"), kept);
      on.etcd().put("/x/dropped", ByteString.copyFromUtf8("1"), dropped);
      await()
          .pollInterval(Duration.ofMillis(200))
          .atMost(Duration.ofSeconds(15))
          .until(
              () -> {
                assertThat(on.etcd().keepAlive(kept)).isPositive();
                return on.etcd().get("/x/dropped").isEmpty();
              });
      assertThat(on.etcd().get("/x/kept")).isPresent();
      assertThat(on.etcd().keepAlive(dropped)).isZero();
      on.etcd().revokeLease(kept);
      assertThat(on.etcd().get("/x/kept")).isEmpty();
    }
  }

  @Test
  default void members_sync_namesTheServer() {
    try (Opened on = Opened.to(url())) {
      on.etcd().syncMembers();
      assertThat(on.etcd().endpoints()).containsExactly(url().replace("http://", ""));
    }
  }

  private static void sleep(long ms) {
    try {
      Thread.sleep(ms);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
