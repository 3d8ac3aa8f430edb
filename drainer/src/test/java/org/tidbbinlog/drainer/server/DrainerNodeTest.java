package org.tidbbinlog.drainer.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.registry.NodeKind;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.cluster.registry.NodeStatus;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.drainer.sink.Checkpoint;
import org.tidbbinlog.node.process.NodeProcess;
import org.tidbbinlog.node.process.StopReason;
import org.tidbbinlog.testkit.network.FreePort;

/** How a Drainer starts, stops and fails. */
@Timeout(90)
class DrainerNodeTest {
  @AutoClose private final NodeScene scene;

  DrainerNodeTest(@TempDir Path folder) throws InterruptedException {
    this.scene = new NodeScene(folder);
  }

  @Test
  @DisplayName("drainer fact 13: a clean stop leaves a consistent checkpoint and the state paused")
  void clean_stop_leaves_paused_and_a_consistent_checkpoint() throws Exception {
    NodeProcess process = NodeProcess.embedded("drainer");
    try (DrainerNode node = scene.start(process)) {
      assertThat(scene.registered().state()).isEqualTo(NodeState.ONLINE);
      long ts = scene.cluster.pd().nextTso().value();
      scene.pump.fake(ts);
      await().until(() -> scene.target.acknowledged().value() == ts);
      assertThat(node.stop(StopReason.SIGNAL)).isZero();
      assertThat(scene.target.saved().consistent()).isTrue();
      assertThat(scene.target.saved().commitTs().value()).isEqualTo(ts);
      assertThat(scene.registered().state()).isEqualTo(NodeState.PAUSED);
      assertThat(scene.registered().maxCommitTs().value()).isEqualTo(ts);
    }
  }

  @Test
  @DisplayName("drainer fact 7: without a checkpoint, -1 starts after the newest timestamp")
  void first_start_begins_now() throws Exception {
    long before = scene.cluster.pd().nextTso().value();
    try (DrainerNode node = scene.start(NodeProcess.embedded("drainer"))) {
      await().until(() -> !scene.pump.offsets().isEmpty());
      assertThat(scene.pump.offsets().get(0)).isGreaterThan(before);
      assertThat(node.stop(StopReason.SIGNAL)).isZero();
    }
  }

  @Test
  void first_start_with_a_savepoint_file_begins_behind_it_and_keeps_it_at_once() throws Exception {
    long at = scene.cluster.pd().nextTso().value();
    scene.dataFile("savepoint", "consistent = true\ncommitTS = " + at + "\nschema-version = 49\n");
    try (DrainerNode node = scene.start(NodeProcess.embedded("drainer"))) {
      await().until(() -> !scene.pump.offsets().isEmpty());
      assertThat(scene.pump.offsets().get(0)).isEqualTo(at);
      assertThat(scene.target.opened()).contains(new Checkpoint(true, new Tso(at), Map.of(), 49));
      assertThat(scene.target.saved()).isEqualTo(new Checkpoint(false, new Tso(at), Map.of(), 49));
      assertThat(node.stop(StopReason.SIGNAL)).isZero();
    }
    scene.dataFile("savepoint", "garbage, but there is a row by now");
    try (DrainerNode node = scene.start(NodeProcess.embedded("drainer"))) {
      await().until(() -> scene.pump.offsets().size() > 1);
      assertThat(scene.pump.offsets()).endsWith(at);
      assertThat(node.stop(StopReason.SIGNAL)).isZero();
    }
  }

  @Test
  void first_start_with_a_damaged_savepoint_file_is_refused() throws Exception {
    Path file = scene.dataFile("savepoint", "");
    try (DrainerNode node = scene.node()) {
      assertThatThrownBy(() -> node.start(scene.target.factories()))
          .isInstanceOf(OperatorException.class)
          .hasMessageContaining(file.toString());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"stop", "hold"})
  void on_ddl_error_of_the_file_is_the_airlocks(String policy) throws Exception {
    Path file = scene.dataFile("drainer.toml", "[syncer.to]\non-ddl-error = \"" + policy + "\"\n");
    DrainerSettings settings = scene.settings(scene.port, List.of("-config", file.toString()));
    try (DrainerNode node =
        new DrainerNode(settings, NodeProcess.embedded("drainer"), Clock.system())) {
      node.start(scene.target.factories());
      assertThat(scene.get("/api/ddl")).containsPattern("\"onDdlError\" ?: ?\"" + policy + "\"");
      assertThat(node.stop(StopReason.SIGNAL)).isZero();
    }
  }

  @Test
  void start_that_breaks_in_any_way_leaves_no_living_node() throws Exception {
    scene.target.atOpen(
        () -> {
          throw new IllegalStateException("a bug");
        });
    try (DrainerNode node = scene.node()) {
      assertThatThrownBy(() -> node.start(scene.target.factories())).hasMessage("a bug");
      assertThat(scene.registered().state()).isEqualTo(NodeState.PAUSED);
    }
  }

  @Test
  void start_that_is_interrupted_leaves_no_living_node() throws Exception {
    scene.target.atOpen(() -> Thread.currentThread().interrupt());
    try (DrainerNode node = scene.node()) {
      assertThatThrownBy(() -> node.start(scene.target.factories())).isNotNull();
      assertThat(scene.registered().state()).isEqualTo(NodeState.PAUSED);
    } finally {
      var unused = Thread.interrupted();
    }
  }

  @Test
  void close_while_the_target_is_slow_ends_offline_when_it_has_all() throws Exception {
    NodeProcess process = NodeProcess.embedded("drainer");
    CountDownLatch begun = new CountDownLatch(1);
    scene.target.atSubmit(
        () -> {
          begun.countDown();
          Thread.sleep(1_000);
        });
    try (DrainerNode node = scene.start(process)) {
      long ts = scene.cluster.pd().nextTso().value();
      scene.pump.fake(ts);
      begun.await();
      assertThat(scene.put("/state/drainer-1/close")).contains("\"code\": 200");
      assertThat(node.stop(process.awaitStop())).isZero();
      assertThat(scene.target.acknowledged().value()).isEqualTo(ts);
      assertThat(scene.target.saved().consistent()).isTrue();
      assertThat(scene.target.saved().commitTs().value()).isEqualTo(ts);
      assertThat(scene.registered().state()).isEqualTo(NodeState.OFFLINE);
    }
  }

  @Test
  void close_that_does_not_drain_leaves_paused_so_that_pumps_keep_its_data() throws Exception {
    NodeProcess process = NodeProcess.embedded("drainer");
    try (DrainerNode node = scene.start(process)) {
      scene.target.neverDrains();
      assertThat(scene.put("/state/drainer-1/close")).contains("\"code\": 200");
      assertThat(node.stop(process.awaitStop())).isEqualTo(1);
      assertThat(scene.registered().state()).isEqualTo(NodeState.PAUSED);
    }
  }

  @Test
  void node_id_of_a_living_drainer_is_refused_and_its_entry_left_alone() throws Exception {
    AtomicBoolean stopped = new AtomicBoolean();
    Thread other = new Thread(() -> beatUntil(stopped));
    scene.registry().put(beat(1));
    other.start();
    try (DrainerNode node = scene.node()) {
      assertThatThrownBy(() -> node.start(scene.target.factories()))
          .isInstanceOf(OperatorException.class)
          .hasMessageContaining("in use by a living drainer at 10.9.8.7:8249");
      assertThat(scene.registered().host()).isEqualTo("10.9.8.7:8249");
      assertThat(scene.registered().state()).isEqualTo(NodeState.ONLINE);
    } finally {
      stopped.set(true);
      other.join();
    }
  }

  private void beatUntil(AtomicBoolean stopped) {
    for (long ts = 2; !stopped.get(); ts++) {
      scene.registry().put(beat(ts));
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
    try (DrainerNode node = scene.start(process)) {
      long good = scene.cluster.pd().nextTso().value();
      scene.pump.fake(good);
      long bad = scene.cluster.pd().nextTso().value();
      Binlog prewrite =
          Binlog.prewrite(new Tso(bad - 1), Payload.EMPTY, Payload.of(new byte[] {0x12, 0x7f}));
      scene.pump.add(prewrite.withCommit(Binlog.commitOf(prewrite, new Tso(bad))));
      assertThat(process.awaitStop()).isEqualTo(StopReason.FAILURE);
      assertThat(node.stop(StopReason.FAILURE)).isEqualTo(1);
      assertThat(scene.target.saved().consistent()).isFalse();
      assertThat(scene.registered().state()).isEqualTo(NodeState.PAUSED);
    }
  }

  @Test
  void stream_that_goes_back_ends_the_process_and_is_counted() throws Exception {
    NodeProcess process = NodeProcess.embedded("drainer");
    try (DrainerNode node = scene.start(process)) {
      long earlier = scene.cluster.pd().nextTso().value();
      long later = scene.cluster.pd().nextTso().value();
      scene.pump.fake(later);
      scene.pump.addNameless(later + 1, Binlog.fake(new Tso(earlier)).encode());
      assertThat(process.awaitStop()).isEqualTo(StopReason.FAILURE);
      assertThat(scene.get("/metrics"))
          .contains("binlog_drainer_disorder_binlog_count 1")
          .contains("binlog_drainer_error_count{type=\"internal\"} 1");
      assertThat(node.stop(StopReason.FAILURE)).isEqualTo(1);
    }
  }

  /** Pumps keep nothing for an offline Drainer, and what would end the half is theirs. */
  @ParameterizedTest
  @CsvSource({"CLOSE,1", "SIGNAL,0"})
  void stop_before_the_stream_has_passed_what_the_target_has_leaves_paused(StopReason why, int code)
      throws Exception {
    try (DrainerNode node = scene.start(NodeProcess.embedded("drainer"))) {
      scene.target.mayHoldUpTo(Tso.MAX);
      assertThat(node.stop(why)).isEqualTo(code);
      assertThat(scene.target.saved().consistent()).isFalse();
      assertThat(scene.registered().state()).isEqualTo(NodeState.PAUSED);
    }
  }

  @Test
  @DisplayName("drainer fact 20: a data directory serves one drainer at a time")
  void second_process_on_a_data_directory_is_refused() throws Exception {
    try (DrainerNode node = scene.start(NodeProcess.embedded("drainer"))) {
      DrainerNode second =
          new DrainerNode(
              scene.settings(FreePort.onLoopback()), NodeProcess.embedded("d"), Clock.system());
      assertThatThrownBy(() -> second.start(scene.target.factories()))
          .isInstanceOf(OperatorException.class)
          .hasMessageContaining("is in use by another drainer");
      assertThat(node.stop(StopReason.SIGNAL)).isZero();
    }
  }

  @Test
  void restart_goes_on_from_the_checkpoint() throws Exception {
    long ts;
    try (DrainerNode node = scene.start(NodeProcess.embedded("drainer"))) {
      ts = scene.cluster.pd().nextTso().value();
      scene.pump.fake(ts);
      await().until(() -> scene.target.acknowledged().value() == ts);
      assertThat(node.stop(StopReason.SIGNAL)).isZero();
    }
    try (DrainerNode node = scene.start(NodeProcess.embedded("drainer"))) {
      await().until(() -> scene.pump.offsets().size() > 1);
      assertThat(scene.pump.offsets()).endsWith(ts);
      assertThat(scene.target.saved().consistent()).isFalse();
      assertThat(node.stop(StopReason.SIGNAL)).isZero();
    }
  }
}
