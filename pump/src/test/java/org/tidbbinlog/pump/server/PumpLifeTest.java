package org.tidbbinlog.pump.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.registry.NodeKind;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.cluster.registry.NodeStatus;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.node.net.Channels;
import org.tidbbinlog.node.process.StopReason;
import org.tidbbinlog.pump.storage.DiskSpace;
import org.tidbbinlog.testkit.ClusterDouble;
import org.tidbbinlog.wire.pump.PumpGrpc;
import org.tidbbinlog.wire.pump.WriteBinlogReq;

/** A Pump's life as the registry, operators and Drainers see it. */
@Timeout(90)
final class PumpLifeTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private final ClusterDouble cluster = ClusterDouble.start();
  private final MemoryStore memory = new MemoryStore();

  @AfterEach
  void stopCluster() {
    cluster.close();
  }

  private PumpUnderTest start(Path dir, String... more) throws Exception {
    return PumpUnderTest.start(cluster, dir, (d, s, t, c, o, k) -> memory, more);
  }

  private NodeState registeredState(PumpUnderTest pump) throws InterruptedException {
    return pump.registered().orElseThrow().state();
  }

  @Test
  @DisplayName("pump fact 8: GET /drainers answers null when there is none")
  void drainers_withoutAny_isNull(@TempDir Path dir) throws Exception {
    try (PumpUnderTest pump = start(dir);
        DrainerDouble drainer = DrainerDouble.start(cluster)) {
      assertThat(pump.get("/drainers").body()).isEqualTo("null");
      drainer.register(NodeState.PAUSED, new Tso(5));
      assertThat(pump.get("/drainers").body())
          .startsWith("[{\"nodeId\":\"drainer-1\",\"host\":\"127.0.0.1:")
          .contains(
              "\"state\":\"paused\",\"isAlive\":false,\"score\":0,\"label\":null,\"maxCommitTS\":5");
    }
  }

  @Test
  @DisplayName("pump fact 9: PUT /state of another node is refused in the original's words")
  void stateOfAnotherNode_isRefused(@TempDir Path dir) throws Exception {
    try (PumpUnderTest pump = start(dir)) {
      var answer = pump.send("PUT", "/state/bad/pause");
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.headers().firstValue("content-type"))
          .hasValue("application/json; charset=UTF-8");
      assertThat(answer.body())
          .isEqualTo(
              """
              {
                "message": "invalide nodeID bad, this pump's nodeID is pump-1",
                "code": 3,
                "data": null
              }
              """);
      assertThat(pump.send("PUT", "/state/pump-1/dance").body())
          .contains("\"message\": \"invalide action dance\"", "\"code\": 3");
    }
  }

  @Test
  @DisplayName("pump fact 10: pause leaves paused behind; the next start is online without Notify")
  void pause_leavesPaused_restartDoesNotNotify(@TempDir Path dir) throws Exception {
    try (DrainerDouble drainer = DrainerDouble.start(cluster)) {
      try (PumpUnderTest pump = start(dir)) {
        drainer.register(NodeState.ONLINE, Tso.ZERO);
        assertThat(registeredState(pump)).isEqualTo(NodeState.ONLINE);
        assertThat(pump.send("PUT", "/state/pump-1/pause").body())
            .contains("\"message\": \"apply action pause success!\"", "\"code\": 200");
        assertThat(pump.awaitEnd()).isEqualTo(StopReason.PAUSE);
        assertThat(registeredState(pump)).isEqualTo(NodeState.PAUSED);
      }
      try (PumpUnderTest again = start(dir)) {
        assertThat(registeredState(again)).isEqualTo(NodeState.ONLINE);
        assertThat(drainer.notified()).isZero();
      }
    }
  }

  @Test
  @DisplayName("pump fact 11: close waits for a lagging drainer, then offline; restart notifies")
  void close_waitsForLaggingDrainer_restartNotifies(@TempDir Path dir) throws Exception {
    try (DrainerDouble drainer = DrainerDouble.start(cluster)) {
      try (PumpUnderTest pump = start(dir)) {
        pump.transaction("v");
        drainer.register(NodeState.ONLINE, Tso.ZERO);
        pump.send("PUT", "/state/pump-1/close");
        assertThat(pump.send("PUT", "/state/pump-1/pause").body())
            .contains("this pump's state is closing, apply pause failed!");
        Tso updated = pump.registered().orElseThrow().updateTs();
        await()
            .atMost(LIMIT)
            .untilAsserted(
                () -> {
                  NodeStatus now = pump.registered().orElseThrow();
                  assertThat(now.state()).isEqualTo(NodeState.CLOSING);
                  assertThat(now.updateTs()).as("heartbeats go on").isGreaterThan(updated);
                });
        assertThat(pump.hasEnded()).isFalse();
        drainer.register(NodeState.ONLINE, cluster.pd().nextTso());
        assertThat(pump.awaitEnd()).isEqualTo(StopReason.CLOSE);
        assertThat(registeredState(pump)).isEqualTo(NodeState.OFFLINE);
      }
      try (PumpUnderTest again = start(dir)) {
        assertThat(registeredState(again)).isEqualTo(NodeState.ONLINE);
        assertThat(drainer.notified()).isEqualTo(1);
      }
    }
  }

  @Test
  void close_waitsForADrainerWhoseEntryCannotBeRead(@TempDir Path dir) throws Exception {
    String key = "/tidb-binlog/v1/drainers/broken";
    cluster.pd().etcd().put(key, "{");
    try (PumpUnderTest pump = start(dir)) {
      pump.send("PUT", "/state/pump-1/close");
      Thread.sleep(2500);
      assertThat(pump.hasEnded()).isFalse();
      cluster.pd().etcd().delete(key);
      assertThat(pump.awaitEnd()).isEqualTo(StopReason.CLOSE);
    }
  }

  @Test
  void close_waitsForOpenTransactions(@TempDir Path dir) throws Exception {
    try (PumpUnderTest pump = start(dir)) {
      Binlog open = PumpUnderTest.prewrite(cluster.pd().nextTso().value(), "v");
      pump.write(open);
      pump.send("PUT", "/state/pump-1/close");
      Thread.sleep(1500);
      assertThat(pump.hasEnded()).isFalse();
      pump.write(PumpUnderTest.commit(open, cluster.pd().nextTso().value()));
      assertThat(pump.awaitEnd()).isEqualTo(StopReason.CLOSE);
    }
  }

  @Test
  @DisplayName("pump fact 12: a signal leaves paused")
  void signal_leavesPaused(@TempDir Path dir) throws Exception {
    try (PumpUnderTest pump = start(dir)) {
      pump.askToStop(StopReason.SIGNAL);
      pump.awaitEnd();
      assertThat(registeredState(pump)).isEqualTo(NodeState.PAUSED);
    }
  }

  @Test
  @DisplayName("pump fact 15: below the space threshold prewrites fail, fakes are still accepted")
  void fullDisk_refusesPrewrites_takesFakes_recoversByItself(@TempDir Path dir) throws Exception {
    memory.space(new DiskSpace(1L << 40, 1000));
    try (PumpUnderTest pump = start(dir)) {
      assertThat(pump.refused(PumpUnderTest.prewrite(cluster.pd().nextTso().value(), "v")))
          .extracting(status -> status.getCode().name() + " " + status.getDescription())
          .isEqualTo(
              "UNKNOWN no available space, available: 1000,"
                  + " StopWriteAtAvailableSpace: 10737418240");
      assertThat(pump.refused(cluster.clusterId(), new byte[0]).getDescription())
          .startsWith("no available space");
      pump.write(Binlog.fake(cluster.pd().nextTso()));
      memory.space(new DiskSpace(1L << 40, 1L << 39));
      await().atMost(LIMIT).ignoreExceptions().until(() -> !pump.transaction("v").isZero());
    }
  }

  @Test
  @DisplayName("pump fact 18: a gc trigger on a fresh pump succeeds and moves nothing")
  void gcTrigger_onFreshPump_movesNothing(@TempDir Path dir) throws Exception {
    try (PumpUnderTest pump = start(dir)) {
      assertThat(pump.send("POST", "/debug/gc/trigger").body()).isEqualTo("trigger gc success\n");
      assertThat(memory.gcTs()).isEqualTo(Tso.ZERO);
    }
  }

  @Test
  @DisplayName("pump fact 19: GET /debug/binlog/abc names the parameter")
  void debugBinlog_showsRecordsOrSaysWhyNot(@TempDir Path dir) throws Exception {
    try (PumpUnderTest pump = start(dir)) {
      assertThat(pump.get("/debug/binlog/abc").body()).isEqualTo("invalid parameter ts: abc\n");
      assertThat(pump.get("/debug/binlog/17").body())
          .isEqualTo("fail read binlog by ts: 17: leveldb: not found\n");
      pump.write(PumpUnderTest.prewrite(17, "v\n"));
      assertThat(pump.get("/debug/binlog/17").body())
          .startsWith(
              "tp:Prewrite start_ts:17 commit_ts:0 prewrite_key:\"k17\" prewrite_value:\"v\\n\""
                  + " ddl_job_id:0 ddl_schema_state:0 \n");
    }
  }

  @Test
  void debugBinlog_showsWhatTikvHoldsOfThePrimaryKey(@TempDir Path dir) throws Exception {
    byte[] key = "k17".getBytes(StandardCharsets.UTF_8);
    cluster.tikv().lockTransaction(new Tso(17), key, Duration.ofMinutes(1));
    try (PumpUnderTest pump = start(dir)) {
      pump.write(PumpUnderTest.prewrite(17, "v"));
      assertThat(pump.get("/debug/binlog/17").body())
          .contains("\n\n\n PrewriteValue: \n", "\n\n\n GetMvccByEncodedKey: \ninfo { lock {")
          .contains("start_ts: 17 primary: \"k17\"");
      cluster.tikv().commitTransaction(new Tso(17), new Tso(19), key);
      assertThat(pump.get("/debug/binlog/17").body())
          .containsPattern(
              "GetMvccByEncodedKey: \ninfo \\{ writes \\{ .*start_ts: 17 commit_ts: 19");
    }
  }

  @Test
  void status_listsPumpsAndSaysWhatIsAwaited(@TempDir Path dir) throws Exception {
    try (PumpUnderTest pump = start(dir)) {
      pump.write(PumpUnderTest.prewrite(17, "v"));
      assertThat(pump.get("/status").body())
          .startsWith("{\"status\":{\"pump-1\":{\"nodeId\":\"pump-1\",\"host\":\"127.0.0.1:")
          .contains("\"Checkpoint\":{}", "\"ErrMsg\":\"\"", "\"waitingFor\":[{\"startTS\":17")
          .endsWith("}\n");
    }
  }

  @Test
  void metrics_haveTheOriginalsNames(@TempDir Path dir) throws Exception {
    try (PumpUnderTest pump = start(dir)) {
      pump.transaction("v");
      assertThat(pump.get("/metrics").body())
          .contains(
              "binlog_pump_rpc_duration_seconds_bucket{method=\"WriteBinlog\",label=\"succ\",le=\"5.0E-5\"}",
              "binlog_pump_storage_storage_size_bytes{type=\"available\"}",
              "binlog_pump_storage_max_commit_ts",
              "binlog_pump_storage_gc_ts",
              "binlog_pump_storage_query_tikv_count",
              "binlog_pump_storage_error_count{type=\"write_binlog\"}",
              "process_");
    }
  }

  @Test
  void heartbeat_movesUpdateTsAndMaxCommitTs(@TempDir Path dir) throws Exception {
    try (PumpUnderTest pump = start(dir)) {
      Tso commitTs = pump.transaction("v");
      await()
          .atMost(LIMIT)
          .until(() -> !pump.registered().orElseThrow().maxCommitTs().isBefore(commitTs));
    }
  }

  @Test
  void notifyThatFailsTwice_succeedsAtTheThirdTry(@TempDir Path dir) throws Exception {
    try (DrainerDouble drainer = DrainerDouble.start(cluster)) {
      drainer.register(NodeState.ONLINE, Tso.ZERO);
      drainer.failNext(2);
      try (PumpUnderTest pump = start(dir)) {
        assertThat(registeredState(pump)).isEqualTo(NodeState.ONLINE);
        assertThat(drainer.notified()).isEqualTo(3);
      }
    }
  }

  @Test
  void notifyThatFails_leavesOffline_andNamesTheDrainer(@TempDir Path dir) throws Exception {
    DrainerDouble drainer = DrainerDouble.start(cluster);
    drainer.register(NodeState.ONLINE, Tso.ZERO);
    drainer.close();
    assertThatThrownBy(() -> start(dir))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("notify drainer drainer-1 at 127.0.0.1:")
        .hasMessageContaining("binlogctl");
    assertThat(PumpUnderTest.registered(cluster, "pump-1").orElseThrow().state())
        .isEqualTo(NodeState.OFFLINE);
  }

  @Test
  void nodeIdOfALivingPumpElsewhere_isRefused(@TempDir Path dir) throws Exception {
    try (PumpUnderTest other = start(dir.resolve("a"))) {
      assertThatThrownBy(() -> start(dir.resolve("b")))
          .isInstanceOf(OperatorException.class)
          .hasMessageContaining(
              "node id pump-1 is in use by a living pump at 127.0.0.1:" + other.port());
    }
  }

  @Test
  void nodeIdOfADeadPumpElsewhere_isTakenOver(@TempDir Path dir) throws Exception {
    PumpUnderTest.register(
        cluster,
        new NodeStatus(
            NodeKind.PUMP, "pump-1", "10.9.8.7:8250", NodeState.ONLINE, Tso.ZERO, new Tso(1)));
    try (PumpUnderTest pump = start(dir)) {
      assertThat(pump.registered().orElseThrow().host()).isEqualTo("127.0.0.1:" + pump.port());
    }
  }

  @Test
  void portThatIsTaken_isNamed(@TempDir Path dir) throws Exception {
    try (PumpUnderTest first = start(dir.resolve("a"))) {
      assertThatThrownBy(
              () -> start(dir.resolve("b"), "-node-id=pump-2", "-addr=127.0.0.1:" + first.port()))
          .isInstanceOf(OperatorException.class)
          .hasMessageContaining("127.0.0.1:" + first.port());
    }
  }

  @Test
  void unixSocket_servesGrpc(@TempDir Path dir) throws Exception {
    Path socket = dir.resolve("p.sock");
    try (PumpUnderTest pump = start(dir.resolve("d"), "-socket=unix://" + socket)) {
      assertThat(pump.port()).isPositive();
      assertThat(socket).exists();
      ManagedChannel channel = Channels.openUnix(socket);
      try {
        PumpGrpc.newBlockingStub(channel)
            .writeBinlog(WriteBinlogReq.newBuilder().setClusterID(cluster.clusterId()).build());
      } finally {
        channel.shutdownNow();
      }
    }
    assertThat(socket).doesNotExist();
  }
}
