package org.tidbbinlog.pumpclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.tidbbinlog.pumpclient.PumpScene.commit;
import static org.tidbbinlog.pumpclient.PumpScene.prewrite;
import static org.tidbbinlog.pumpclient.PumpScene.quick;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.registry.NodeKind;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.codec.binlog.BinlogKind;

/** The client against Pumps that work: who gets what. */
@Timeout(60)
class PumpClientTest {
  @AutoClose private final PumpScene scene = new PumpScene();

  @Test
  @DisplayName("pump-client fact 1: without any pump key opening says 'no pump found in pd'")
  void open_noPumpRegistered_isTheOperatorsMistake() {
    assertThatThrownBy(() -> scene.client(quick()))
        .isInstanceOf(OperatorException.class)
        .hasMessage("no pump found in pd");
  }

  @Test
  @DisplayName("pump-client fact 2: with range, Prewrites alternate and Commits follow them")
  void range_prewritesAlternateAndCommitsFollow() throws Exception {
    FakePump a = scene.pump("a");
    FakePump b = scene.pump("b");
    PumpClient client = scene.client(quick());
    for (long ts = 10; ts < 18; ts++) {
      client.write(prewrite(ts));
    }
    for (long ts = 17; ts >= 10; ts--) {
      client.write(ts % 3 == 0 ? Binlog.rollbackOf(prewrite(ts)) : commit(ts));
    }
    assertThat(a.startTs(BinlogKind.PREWRITE)).containsExactly(10L, 12L, 14L, 16L);
    assertThat(b.startTs(BinlogKind.PREWRITE)).containsExactly(11L, 13L, 15L, 17L);
    for (FakePump pump : scene.pumps()) {
      List<Long> ended = new ArrayList<>(pump.startTs(BinlogKind.COMMIT));
      ended.addAll(pump.startTs(BinlogKind.ROLLBACK));
      assertThat(ended).containsExactlyInAnyOrderElementsOf(pump.startTs(BinlogKind.PREWRITE));
    }
    assertThat(client.openTransactions()).isZero();
  }

  @Test
  void hash_choosesByStartTs() throws Exception {
    FakePump a = scene.pump("a");
    FakePump b = scene.pump("b");
    PumpClient client = scene.client(quick().withStrategy(PumpStrategy.HASH));
    for (long ts : new long[] {10, 12, 13, 15, 20, 21}) {
      client.write(prewrite(ts));
    }
    assertThat(a.startTs(BinlogKind.PREWRITE)).containsExactly(10L, 12L, 20L);
    assertThat(b.startTs(BinlogKind.PREWRITE)).containsExactly(13L, 15L, 21L);
  }

  @Test
  void score_prefersTheFasterPump() throws Exception {
    FakePump slow = scene.pump("a");
    FakePump fast = scene.pump("b");
    slow.delay(Duration.ofMillis(60));
    PumpClient client = scene.client(quick().withStrategy(PumpStrategy.SCORE));
    for (long ts = 10; ts < 60; ts++) {
      client.write(prewrite(ts));
    }
    assertThat(slow.requests().size() + fast.requests().size()).isEqualTo(50);
    assertThat(fast.requests()).hasSizeGreaterThan(33);
  }

  @Test
  void strategy_unknownName_isRange() {
    assertThat(PumpStrategy.of("hash")).isEqualTo(PumpStrategy.HASH);
    assertThat(PumpStrategy.of("score")).isEqualTo(PumpStrategy.SCORE);
    assertThat(PumpStrategy.of("banana")).isEqualTo(PumpStrategy.RANGE);
  }

  @Test
  @DisplayName("pump-client fact 7: a rollback is sent as tp=2 with commit_ts 0")
  void rollback_hasNoCommitTs() throws Exception {
    FakePump a = scene.pump("a");
    PumpClient client = scene.client(quick());
    client.write(prewrite(10));
    client.write(Binlog.rollbackOf(prewrite(10)));
    Binlog sent = a.binlogs().get(1);
    assertThat(sent.kind()).isEqualTo(BinlogKind.ROLLBACK);
    assertThat(sent.startTs()).isEqualTo(new Tso(10));
    assertThat(sent.commitTs()).isEqualTo(Tso.ZERO);
  }

  @Test
  @DisplayName("pump-client fact 8: a Commit record carries the key and no value")
  void commit_hasKeyAndNoValue() throws Exception {
    FakePump a = scene.pump("a");
    PumpClient client = scene.client(quick());
    client.write(prewrite(10));
    client.write(commit(10));
    Binlog sent = a.binlogs().get(1);
    assertThat(sent.prewriteKey()).isEqualTo(Payload.ofUtf8("key10"));
    assertThat(sent.prewriteValue().isPresent()).isFalse();
  }

  @Test
  @DisplayName("pump-client fact 10: online, paused, online again uses the new host")
  void registry_stateThereAndBack_usesTheNewHost() throws Exception {
    FakePump a = scene.pump("a");
    PumpClient client = scene.client(quick());
    client.write(prewrite(10));
    scene.registry().updateState(NodeKind.PUMP, "a", NodeState.PAUSED);
    a.moveToAnotherPort();
    scene.registry().put(a.status(NodeState.ONLINE));
    await().until(() -> client.pumps().get(0).status().host().equals(a.address()));
    client.write(prewrite(11));
    client.write(commit(10));
    assertThat(a.startTs(BinlogKind.PREWRITE)).containsExactly(10L, 11L);
    assertThat(a.startTs(BinlogKind.COMMIT)).containsExactly(10L);
  }

  @Test
  void registry_hostChangedInSameState_usesTheNewHost() throws Exception {
    FakePump a = scene.pump("a");
    PumpClient client = scene.client(quick());
    client.write(prewrite(10));
    a.moveToAnotherPort();
    scene.registry().put(a.status(NodeState.ONLINE));
    await().until(() -> client.pumps().get(0).status().host().equals(a.address()));
    client.write(prewrite(11));
    assertThat(a.startTs(BinlogKind.PREWRITE)).containsExactly(10L, 11L);
  }

  @Test
  void commit_withoutPrewrite_sendsNothingAndSucceeds() throws Exception {
    FakePump a = scene.pump("a");
    scene.client(quick()).write(commit(10));
    assertThat(a.requests()).isEmpty();
  }

  @Test
  void registry_newPump_isUsed() throws Exception {
    scene.pump("a");
    PumpClient client = scene.client(quick());
    FakePump b = scene.pump("b");
    await().until(() -> client.pumps().size() == 2);
    client.write(prewrite(10));
    client.write(prewrite(11));
    assertThat(b.startTs(BinlogKind.PREWRITE)).hasSize(1);
  }

  @Test
  void open_allPumpsOffline_isAllowed() {
    scene.pump(new FakePump("a"), NodeState.OFFLINE);
    PumpClient client = scene.client(quick());
    assertThatThrownBy(() -> client.write(prewrite(10))).isInstanceOf(NoPumpException.class);
  }

  @Test
  void socket_localPump_getsEverything(@TempDir Path folder) throws Exception {
    Path socket = folder.resolve("p.sock");
    FakePump local = new FakePump(socket);
    scene.add(local);
    PumpClient client = scene.client(quick().withSocket(socket.toString()));
    client.write(prewrite(10));
    client.write(commit(10));
    client.write(commit(99));
    assertThat(local.startTs(BinlogKind.PREWRITE)).containsExactly(10L);
    assertThat(local.startTs(BinlogKind.COMMIT)).containsExactly(10L, 99L);
    assertThat(local.requests()).allMatch(request -> request.getClusterID() == 300);
  }

  @ParameterizedTest
  @EnumSource(PumpStrategy.class)
  void writes_fromManyThreads_allArriveOnce(PumpStrategy strategy) throws Exception {
    scene.pump("a");
    scene.pump("b");
    scene.pump("c");
    PumpClient client = scene.client(PumpClientSettings.defaults().withStrategy(strategy));
    List<CompletableFuture<Void>> writes = new ArrayList<>();
    for (long ts = 1; ts <= 500; ts++) {
      Binlog commit = commit(ts);
      writes.add(
          client
              .writeAsync(prewrite(ts))
              .thenCompose(
                  none -> {
                    try {
                      return client.writeAsync(commit);
                    } catch (InterruptedException e) {
                      return CompletableFuture.failedFuture(e);
                    }
                  }));
    }
    for (CompletableFuture<Void> write : writes) {
      write.get();
    }
    List<Long> all = new ArrayList<>();
    for (FakePump pump : scene.pumps()) {
      all.addAll(pump.startTs(BinlogKind.PREWRITE));
      assertThat(pump.startTs(BinlogKind.COMMIT))
          .containsExactlyInAnyOrderElementsOf(pump.startTs(BinlogKind.PREWRITE));
    }
    assertThat(all).hasSize(500);
    assertThat(new HashSet<>(all)).hasSize(500);
  }
}
