package org.tidbbinlog.drainer.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.ClusterConnection;
import org.tidbbinlog.cluster.registry.NodeKind;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.cluster.registry.NodeStatus;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.drainer.FakePump;
import org.tidbbinlog.drainer.MemoryTarget;
import org.tidbbinlog.node.net.Channels;
import org.tidbbinlog.node.net.Tls;
import org.tidbbinlog.node.process.NodeProcess;
import org.tidbbinlog.node.process.StopReason;
import org.tidbbinlog.testkit.ClusterDouble;
import org.tidbbinlog.testkit.metrics.Exposition;
import org.tidbbinlog.wire.cistern.CisternGrpc;
import org.tidbbinlog.wire.cistern.NotifyReq;

/**
 * A whole Drainer over real sockets, with a cluster double, a Pump's fake and a target in memory.
 */
@Timeout(90)
class DrainerNodeTest {
  /** Section 14 of the sheet. */
  private static final String METRICS =
      """
      binlog_drainer_pump_position | gauge | nodeID=pump-1 | -
      binlog_drainer_ddl_jobs_total | counter | - | -
      binlog_drainer_error_count | counter | type=unmarshal_binlog | -
      binlog_drainer_event | counter | type=Insert,Update,Delete,DDL,savepoint | -
      binlog_drainer_checkpoint_tso | gauge | - | -
      binlog_drainer_checkpoint_delay_seconds | histogram | - | 0.001 x 2, 22
      binlog_drainer_execute_duration_time | histogram | - | 0.00005 x 2, 18
      binlog_drainer_query_duration_time | histogram | type=exec,commit,update_mark_table | 0.00005 x 2, 18
      binlog_drainer_binlog_reach_duration_time | histogram | nodeID=pump-1 | 0.00005 x 2, 18
      binlog_drainer_read_binlog_size | histogram | nodeID=pump-1 | 16 x 2, 25
      binlog_drainer_queue_size | gauge | name=syncer_input,worker_0,worker_9 | -
      binlog_binlogfile_write_binlog_size | histogram | label=local | 16 x 2, 20
      binlog_binlogfile_write_binlog_duration_time | histogram | label=local | 0.00005 x 2, 18
      binlog_binlogfile_read_binlog_duration_time | histogram | label=local | 0.00005 x 2, 18
      binlog_binlogfile_corruption_binlog_count | counter | - | -
      """;

  private final ClusterDouble cluster = ClusterDouble.start();
  private final FakePump pump = FakePump.start("pump-1", cluster.clusterId());
  private final HttpClient http = HttpClient.newHttpClient();
  private final MemoryTarget target = new MemoryTarget();
  private final Path dataDir;
  private final int port = freePort();
  private final ClusterConnection connection;

  DrainerNodeTest(@TempDir Path folder) throws InterruptedException {
    this.dataDir = folder.resolve("data");
    this.connection = ClusterConnection.open(cluster.pdUrls(), Tls.plaintext(), Clock.system());
    connection.registry().put(pump.status(NodeState.ONLINE));
  }

  @AfterEach
  void closeAll() {
    connection.close();
    pump.close();
    cluster.close();
  }

  @Test
  @DisplayName("drainer fact 13: a clean stop leaves a consistent checkpoint and the state paused")
  void clean_stop_leaves_paused_and_a_consistent_checkpoint() throws Exception {
    NodeProcess process = NodeProcess.embedded("drainer");
    try (DrainerNode node = start(process)) {
      assertThat(registered().state()).isEqualTo(NodeState.ONLINE);
      long ts = cluster.pd().nextTso().value();
      pump.fake(ts);
      await().until(() -> target.acknowledged().value() == ts);
      assertThat(node.stop(StopReason.SIGNAL)).isZero();
      assertThat(target.saved().consistent()).isTrue();
      assertThat(target.saved().commitTs().value()).isEqualTo(ts);
      assertThat(registered().state()).isEqualTo(NodeState.PAUSED);
      assertThat(registered().maxCommitTs().value()).isEqualTo(ts);
    }
  }

  @Test
  @DisplayName("drainer fact 7: without a checkpoint, -1 starts after the newest timestamp")
  void first_start_begins_now() throws Exception {
    long before = cluster.pd().nextTso().value();
    try (DrainerNode node = start(NodeProcess.embedded("drainer"))) {
      await().until(() -> !pump.offsets().isEmpty());
      assertThat(pump.offsets().get(0)).isGreaterThan(before);
      assertThat(node.stop(StopReason.SIGNAL)).isZero();
    }
  }

  @Test
  void status_and_commit_ts_have_the_originals_form() throws Exception {
    try (DrainerNode node = start(NodeProcess.embedded("drainer"))) {
      long ts = cluster.pd().nextTso().value();
      pump.fake(ts);
      await().until(() -> get("/status").contains("\"pump-1\":" + ts));
      assertThat(get("/status"))
          .startsWith("{\"PumpPos\":{\"pump-1\":" + ts + "},\"Synced\":false,\"LastTS\":")
          .contains(",\"TsMap\":\"\"")
          .endsWith("}\n");
      await().until(() -> get("/commit_ts").contains(String.valueOf(ts)));
      assertThat(get("/commit_ts"))
          .isEqualTo(
              """
              {
                "message": "get drainer's latest ts success!",
                "code": 200,
                "data": {
                  "ts": %d
                }
              }
              """
                  .formatted(ts));
      assertThat(get("/metrics"))
          .contains("binlog_drainer_pump_position{nodeID=\"pump-1\"}")
          .contains("binlog_drainer_checkpoint_tso");
      assertThat(node.stop(StopReason.SIGNAL)).isZero();
    }
  }

  @Test
  @DisplayName("drainer fact 14: wrong node id gets code 3; close ends the process as offline")
  void state_actions_are_refused_or_end_the_process() throws Exception {
    NodeProcess process = NodeProcess.embedded("drainer");
    try (DrainerNode node = start(process)) {
      assertThat(put("/state/wrong/pause")).contains("\"code\": 3");
      assertThat(put("/state/drainer-1/explode")).contains("\"code\": 3");
      assertThat(process.stopRequested()).isFalse();
      assertThat(put("/state/drainer-1/close")).contains("\"code\": 200");
      assertThat(registered().state()).isEqualTo(NodeState.CLOSING);
      assertThat(node.stop(process.awaitStop())).isZero();
      assertThat(registered().state()).isEqualTo(NodeState.OFFLINE);
    }
  }

  @Test
  void notify_makes_a_new_pump_part_of_the_merge_before_it_answers() throws Exception {
    try (DrainerNode node = start(NodeProcess.embedded("drainer"));
        FakePump late = FakePump.start("late", cluster.clusterId())) {
      connection.registry().put(late.status(NodeState.ONLINE));
      ManagedChannel channel = Channels.open("127.0.0.1:" + port, Tls.plaintext());
      var unused = CisternGrpc.newBlockingStub(channel).notify(NotifyReq.getDefaultInstance());
      assertThat(get("/status")).contains("\"late\":");
      channel.shutdownNow();
      assertThat(node.stop(StopReason.SIGNAL)).isZero();
    }
  }

  /** The list may have been read before the Pump registered. */
  @Test
  void notify_while_the_drainer_starts_is_answered_only_by_a_running_merge() throws Exception {
    CountDownLatch open = new CountDownLatch(1);
    target.atOpen(() -> awaitQuietly(open));
    ManagedChannel channel = Channels.open("127.0.0.1:" + port, Tls.plaintext());
    try (DrainerNode node = node();
        FakePump late = FakePump.start("late", cluster.clusterId())) {
      CompletableFuture<Void> starting = CompletableFuture.runAsync(() -> startQuietly(node));
      await().until(() -> !connection.registry().list(NodeKind.DRAINER).isEmpty());
      connection.registry().put(late.status(NodeState.ONLINE));
      assertThatThrownBy(
              () ->
                  CisternGrpc.newBlockingStub(channel)
                      .withDeadlineAfter(9, TimeUnit.SECONDS)
                      .notify(NotifyReq.getDefaultInstance()))
          .hasMessageContaining("UNAVAILABLE: drainer is starting");
      var answer = CisternGrpc.newFutureStub(channel).notify(NotifyReq.getDefaultInstance());
      open.countDown();
      assertThat(answer.get(20, TimeUnit.SECONDS)).isNotNull();
      assertThat(get("/status")).contains("\"late\":");
      starting.get(20, TimeUnit.SECONDS);
      assertThat(node.stop(StopReason.SIGNAL)).isZero();
    } finally {
      channel.shutdownNow();
    }
  }

  @Test
  void start_that_breaks_in_any_way_leaves_no_living_node() throws Exception {
    target.atOpen(
        () -> {
          throw new IllegalStateException("a bug");
        });
    try (DrainerNode node = node()) {
      assertThatThrownBy(() -> node.start(target.factories())).hasMessage("a bug");
      assertThat(registered().state()).isEqualTo(NodeState.PAUSED);
    }
  }

  @Test
  void start_that_is_interrupted_leaves_no_living_node() throws Exception {
    target.atOpen(() -> Thread.currentThread().interrupt());
    try (DrainerNode node = node()) {
      assertThatThrownBy(() -> node.start(target.factories())).isNotNull();
      assertThat(registered().state()).isEqualTo(NodeState.PAUSED);
    } finally {
      var unused = Thread.interrupted();
    }
  }

  @Test
  void close_that_does_not_drain_leaves_paused_so_that_pumps_keep_its_data() throws Exception {
    NodeProcess process = NodeProcess.embedded("drainer");
    try (DrainerNode node = start(process)) {
      target.neverDrains();
      assertThat(put("/state/drainer-1/close")).contains("\"code\": 200");
      assertThat(node.stop(process.awaitStop())).isEqualTo(1);
      assertThat(registered().state()).isEqualTo(NodeState.PAUSED);
    }
  }

  @Test
  void node_id_of_a_living_drainer_is_refused_and_its_entry_left_alone() throws Exception {
    AtomicBoolean stopped = new AtomicBoolean();
    Thread other = new Thread(() -> beatUntil(stopped));
    connection.registry().put(beat(1));
    other.start();
    try (DrainerNode node = node()) {
      assertThatThrownBy(() -> node.start(target.factories()))
          .isInstanceOf(OperatorException.class)
          .hasMessageContaining("in use by a living drainer at 10.9.8.7:8249");
      assertThat(registered().host()).isEqualTo("10.9.8.7:8249");
      assertThat(registered().state()).isEqualTo(NodeState.ONLINE);
    } finally {
      stopped.set(true);
      other.join();
    }
  }

  private void beatUntil(AtomicBoolean stopped) {
    for (long ts = 2; !stopped.get(); ts++) {
      connection.registry().put(beat(ts));
      pause(Duration.ofMillis(200));
    }
  }

  private static NodeStatus beat(long ts) {
    return new NodeStatus(
        NodeKind.DRAINER, "drainer-1", "10.9.8.7:8249", NodeState.ONLINE, Tso.ZERO, new Tso(ts));
  }

  private static void pause(Duration time) {
    try {
      Clock.system().sleep(time);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void garbage_in_a_pump_ends_the_process_with_an_error() throws Exception {
    NodeProcess process = NodeProcess.embedded("drainer");
    try (DrainerNode node = start(process)) {
      long good = cluster.pd().nextTso().value();
      pump.fake(good);
      long bad = cluster.pd().nextTso().value();
      Binlog prewrite =
          Binlog.prewrite(new Tso(bad - 1), Payload.EMPTY, Payload.of(new byte[] {0x12, 0x7f}));
      pump.add(prewrite.withCommit(Binlog.commitOf(prewrite, new Tso(bad))));
      assertThat(process.awaitStop()).isEqualTo(StopReason.FAILURE);
      assertThat(node.stop(StopReason.FAILURE)).isEqualTo(1);
      assertThat(target.saved().consistent()).isFalse();
      assertThat(registered().state()).isEqualTo(NodeState.PAUSED);
    }
  }

  @Test
  @DisplayName("drainer fact 20: a data directory serves one drainer at a time")
  void second_process_on_a_data_directory_is_refused() throws Exception {
    try (DrainerNode node = start(NodeProcess.embedded("drainer"))) {
      DrainerNode second =
          new DrainerNode(settings(freePort()), NodeProcess.embedded("d"), Clock.system());
      assertThatThrownBy(() -> second.start(target.factories()))
          .isInstanceOf(OperatorException.class)
          .hasMessageContaining("is in use by another drainer");
      assertThat(node.stop(StopReason.SIGNAL)).isZero();
    }
  }

  @Test
  void restart_goes_on_from_the_checkpoint() throws Exception {
    long ts;
    try (DrainerNode node = start(NodeProcess.embedded("drainer"))) {
      ts = cluster.pd().nextTso().value();
      pump.fake(ts);
      await().until(() -> target.acknowledged().value() == ts);
      assertThat(node.stop(StopReason.SIGNAL)).isZero();
    }
    try (DrainerNode node = start(NodeProcess.embedded("drainer"))) {
      await().until(() -> pump.offsets().size() > 1);
      assertThat(pump.offsets()).endsWith(ts);
      assertThat(target.saved().consistent()).isFalse();
      assertThat(node.stop(StopReason.SIGNAL)).isZero();
    }
  }

  @Test
  void metrics_are_those_of_the_sheet() throws Exception {
    try (DrainerNode node = start(NodeProcess.embedded("drainer"))) {
      long ts = cluster.pd().nextTso().value();
      pump.fake(ts);
      await().until(() -> target.acknowledged().value() == ts);
      Exposition seen = Exposition.read(get("/metrics"));
      assertThat(seen.missing(METRICS)).isEmpty();
      assertThat(seen.value("binlog_drainer_pump_position{nodeID=\"pump-1\"}"))
          .isEqualTo((double) new Tso(ts).physicalMs());
      assertThat(get("/debug/pprof/profile")).contains("jcmd");
      assertThat(get("/debug/threads")).contains("\"drainer-submit-0\"");
      assertThat(node.stop(StopReason.SIGNAL)).isZero();
    }
  }

  @Test
  void status_says_synced_only_when_the_newest_heartbeat_was_passed_on() throws Exception {
    List<String> arguments = List.of("-synced-check-time", "0");
    try (DrainerNode node =
        new DrainerNode(
            settings(port, arguments), NodeProcess.embedded("drainer"), Clock.system())) {
      node.start(target.factories());
      long now = cluster.pd().nextTso().value();
      pump.fake(now - (60_000L << Tso.LOGICAL_BITS));
      assertThat(get("/status")).contains("\"Synced\":false");
      pump.fake(now);
      await().until(() -> get("/status").contains("\"Synced\":true"));
      assertThat(node.stop(StopReason.SIGNAL)).isZero();
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void startQuietly(DrainerNode node) {
    try {
      node.start(target.factories());
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private DrainerNode node() {
    return new DrainerNode(settings(port), NodeProcess.embedded("drainer"), Clock.system());
  }

  private DrainerNode start(NodeProcess process) throws InterruptedException {
    DrainerNode node = new DrainerNode(settings(port), process, Clock.system());
    node.start(target.factories());
    return node;
  }

  private DrainerSettings settings(int listen) {
    return settings(listen, List.of());
  }

  private DrainerSettings settings(int listen, List<String> more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "-node-id",
                "drainer-1",
                "-addr",
                "127.0.0.1:" + listen,
                "-pd-urls",
                String.join(",", cluster.pdUrls()),
                "-data-dir",
                dataDir.toString()));
    arguments.addAll(more);
    return DrainerConfig.parse(arguments, Map.of()).settings();
  }

  private NodeStatus registered() {
    return connection.registry().find(NodeKind.DRAINER, "drainer-1").orElseThrow();
  }

  private String get(String path) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(uri(path)).GET());
  }

  private String put(String path) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(uri(path)).PUT(HttpRequest.BodyPublishers.noBody()));
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }

  private String send(HttpRequest.Builder request) throws IOException, InterruptedException {
    return http.send(
            request.timeout(Duration.ofSeconds(10)).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
