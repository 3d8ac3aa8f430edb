package org.tidbbinlog.drainer.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.grpc.ManagedChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.registry.NodeKind;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.drainer.FakePump;
import org.tidbbinlog.drainer.sink.Applying;
import org.tidbbinlog.drainer.sink.Divergence;
import org.tidbbinlog.drainer.sink.Divergences;
import org.tidbbinlog.node.net.Channels;
import org.tidbbinlog.node.net.Tls;
import org.tidbbinlog.node.process.NodeProcess;
import org.tidbbinlog.node.process.StopReason;
import org.tidbbinlog.testkit.metrics.Exposition;
import org.tidbbinlog.wire.cistern.CisternGrpc;
import org.tidbbinlog.wire.cistern.NotifyReq;

/** What a Drainer answers on its port. */
@Timeout(90)
class DrainerPortTest {
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

  private final Path folder;
  @AutoClose private final NodeScene scene;

  DrainerPortTest(@TempDir Path folder) throws InterruptedException {
    this.folder = folder;
    this.scene = new NodeScene(folder);
  }

  @Test
  void status_and_commit_ts_have_the_originals_form() throws Exception {
    try (DrainerNode node = scene.start(NodeProcess.embedded("drainer"))) {
      long ts = scene.cluster.pd().nextTso().value();
      scene.pump.fake(ts);
      await().until(() -> scene.get("/status").contains("\"pump-1\":" + ts));
      assertThat(scene.get("/status"))
          .startsWith("{\"PumpPos\":{\"pump-1\":" + ts + "},\"Synced\":false,\"LastTS\":")
          .contains(",\"TsMap\":\"\"")
          .endsWith("}\n");
      await().until(() -> scene.get("/commit_ts").contains(String.valueOf(ts)));
      assertThat(scene.get("/commit_ts"))
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
      assertThat(scene.get("/metrics"))
          .contains("binlog_drainer_pump_position{nodeID=\"pump-1\"}")
          .contains("binlog_drainer_checkpoint_tso");
      assertThat(node.stop(StopReason.SIGNAL)).isZero();
    }
  }

  @Test
  void status_and_metrics_tell_how_far_a_long_transaction_is() throws Exception {
    try (DrainerNode node = scene.start(NodeProcess.embedded("drainer"))) {
      assertThat(scene.get("/status")).contains(",\"Applying\":null,");
      long now = Clock.system().nanoTime();
      scene.target.applies(new Applying(new Tso(77), 40_000, 1_000_000, now));
      assertThat(scene.get("/status")).contains(",\"Applying\":null,");
      await()
          .untilAsserted(
              () ->
                  assertThat(scene.get("/status"))
                      .contains(
                          ",\"Applying\":{\"commitTS\":77,\"rowsApplied\":40000,"
                              + "\"rowsTotal\":1000000,\"since\":\"20"));
      assertThat(scene.get("/metrics"))
          .contains("binlog_drainer_applying_rows 40000")
          .contains("binlog_drainer_applying_rows_total 1000000");
      assertThat(node.stop(StopReason.SIGNAL)).isZero();
    }
  }

  @Test
  @DisplayName("drainer fact 14: wrong node id gets code 3; close ends the process as offline")
  void state_actions_are_refused_or_end_the_process() throws Exception {
    NodeProcess process = NodeProcess.embedded("drainer");
    try (DrainerNode node = scene.start(process)) {
      assertThat(scene.put("/state/wrong/pause")).contains("\"code\": 3");
      assertThat(scene.put("/state/drainer-1/explode")).contains("\"code\": 3");
      assertThat(process.stopRequested()).isFalse();
      assertThat(scene.put("/state/drainer-1/close")).contains("\"code\": 200");
      assertThat(scene.registered().state()).isEqualTo(NodeState.CLOSING);
      assertThat(node.stop(process.awaitStop())).isZero();
      assertThat(scene.registered().state()).isEqualTo(NodeState.OFFLINE);
    }
  }

  @Test
  void notify_makes_a_new_pump_part_of_the_merge_before_it_answers() throws Exception {
    try (DrainerNode node = scene.start(NodeProcess.embedded("drainer"));
        FakePump late = FakePump.start("late", scene.cluster.clusterId())) {
      scene.registry().put(late.status(NodeState.ONLINE));
      ManagedChannel channel = Channels.open("127.0.0.1:" + scene.port, Tls.plaintext());
      var unused = CisternGrpc.newBlockingStub(channel).notify(NotifyReq.getDefaultInstance());
      assertThat(scene.get("/status")).contains("\"late\":");
      channel.shutdownNow();
      assertThat(node.stop(StopReason.SIGNAL)).isZero();
    }
  }

  /** The list may have been read before the Pump registered. */
  @Test
  void notify_while_the_drainer_starts_is_answered_only_by_a_running_merge() throws Exception {
    CountDownLatch open = new CountDownLatch(1);
    scene.target.atOpen(() -> awaitQuietly(open));
    ManagedChannel channel = Channels.open("127.0.0.1:" + scene.port, Tls.plaintext());
    try (DrainerNode node = scene.node();
        FakePump late = FakePump.start("late", scene.cluster.clusterId())) {
      CompletableFuture<Void> starting = CompletableFuture.runAsync(() -> startQuietly(node));
      await().until(() -> !scene.registry().list(NodeKind.DRAINER).isEmpty());
      scene.registry().put(late.status(NodeState.ONLINE));
      assertThatThrownBy(
              () ->
                  CisternGrpc.newBlockingStub(channel)
                      .withDeadlineAfter(9, TimeUnit.SECONDS)
                      .notify(NotifyReq.getDefaultInstance()))
          .hasMessageContaining("UNAVAILABLE: drainer is starting");
      var answer = CisternGrpc.newFutureStub(channel).notify(NotifyReq.getDefaultInstance());
      open.countDown();
      assertThat(answer.get(20, TimeUnit.SECONDS)).isNotNull();
      assertThat(scene.get("/status")).contains("\"late\":");
      starting.get(20, TimeUnit.SECONDS);
      assertThat(node.stop(StopReason.SIGNAL)).isZero();
    } finally {
      channel.shutdownNow();
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
      node.start(scene.target.factories());
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void metrics_are_those_of_the_sheet() throws Exception {
    try (DrainerNode node = scene.start(NodeProcess.embedded("drainer"))) {
      long ts = scene.cluster.pd().nextTso().value();
      scene.pump.fake(ts);
      await().until(() -> scene.target.acknowledged().value() == ts);
      Exposition seen = Exposition.read(scene.get("/metrics"));
      assertThat(seen.missing(METRICS)).isEmpty();
      assertThat(seen.value("binlog_drainer_pump_position{nodeID=\"pump-1\"}"))
          .isEqualTo((double) new Tso(ts).physicalMs());
      assertThat(scene.get("/debug/pprof/profile")).contains("jcmd");
      assertThat(scene.get("/debug/threads")).contains("\"drainer-submit-0\"");
      assertThat(node.stop(StopReason.SIGNAL)).isZero();
    }
  }

  @Test
  void status_tells_policy_count_and_the_latest_divergences() throws Exception {
    Path file =
        Files.writeString(folder.resolve("d.toml"), "[syncer.to]\non-divergence = \"stop\"");
    AtomicReference<Divergences> seen = new AtomicReference<>(new Divergences());
    try (DrainerNode node =
        new DrainerNode(
            scene.settings(scene.port, List.of("-config", file.toString())),
            NodeProcess.embedded("drainer"),
            Clock.system())) {
      node.start(
          metrics ->
              Map.of(
                  DrainerSettings.DestType.MYSQL,
                  (settings, surroundings) -> {
                    seen.set(surroundings.divergences());
                    return scene.target;
                  }));
      assertThat(scene.get("/status"))
          .contains("\"Divergence\":{\"policy\":\"stop\",\"count\":0,\"recent\":[]}");
      Instant time = Instant.parse("2026-01-02T03:04:05Z");
      for (int i = 1; i <= 17; i++) {
        Objects.requireNonNull(seen.get())
            .add(new Divergence(time, new Tso(i), "`a`.`t`", "`id`=" + i, "gone"), 1);
      }
      JsonNode told = new ObjectMapper().readTree(scene.get("/status")).path("Divergence");
      assertThat(told.path("count").asLong()).isEqualTo(17);
      assertThat(told.path("recent")).hasSize(16);
      assertThat(told.path("recent").path(0).toString())
          .isEqualTo(
              "{\"time\":\"2026-01-02T03:04:05Z\",\"commitTS\":17,\"table\":\"`a`.`t`\","
                  + "\"key\":\"`id`=17\",\"what\":\"gone\"}");
      assertThat(node.stop(StopReason.SIGNAL)).isZero();
    }
  }

  @Test
  void status_says_synced_only_when_the_newest_heartbeat_was_passed_on() throws Exception {
    List<String> arguments = List.of("-synced-check-time", "0");
    try (DrainerNode node =
        new DrainerNode(
            scene.settings(scene.port, arguments),
            NodeProcess.embedded("drainer"),
            Clock.system())) {
      node.start(scene.target.factories());
      long now = scene.cluster.pd().nextTso().value();
      scene.pump.fake(now - (60_000L << Tso.LOGICAL_BITS));
      assertThat(scene.get("/status")).contains("\"Synced\":false");
      scene.pump.fake(now);
      await().until(() -> scene.get("/status").contains("\"Synced\":true"));
      assertThat(node.stop(StopReason.SIGNAL)).isZero();
    }
  }
}
