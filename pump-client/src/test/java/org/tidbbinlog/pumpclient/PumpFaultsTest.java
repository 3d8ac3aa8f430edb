package org.tidbbinlog.pumpclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.tidbbinlog.pumpclient.PumpScene.commit;
import static org.tidbbinlog.pumpclient.PumpScene.prewrite;
import static org.tidbbinlog.pumpclient.PumpScene.quick;
import static org.tidbbinlog.pumpclient.PumpScene.use;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.registry.NodeKind;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.codec.binlog.BinlogKind;

/** The client against Pumps that fail, refuse, are silent or gone. */
@Timeout(60)
class PumpFaultsTest {
  @AutoClose private final PumpScene scene = new PumpScene();

  @Test
  @DisplayName("pump-client fact 3: a failing Pump is avoided after 11 errors, back after a probe")
  void prewrite_pumpUnavailable_isAvoidedThenProbedBack() throws Exception {
    FakePump bad = scene.pump("a");
    FakePump good = scene.pump("b");
    PumpClient client = scene.client(quick().withProbeInterval(Duration.ofSeconds(2)));
    bad.mode(FakePump.Mode.UNAVAILABLE);
    long began = System.nanoTime();
    for (long ts = 10; ts < 21; ts++) {
      client.write(prewrite(ts));
    }
    assertThat(good.startTs(BinlogKind.PREWRITE)).hasSize(11);
    assertThat(bad.startTs(BinlogKind.PREWRITE)).hasSize(11);
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(10));
    assertThat(use(client)).containsExactly(PumpView.Use.AVOIDED, PumpView.Use.AVAILABLE);
    int before = bad.binlogs().size();
    for (long ts = 30; ts < 35; ts++) {
      client.write(prewrite(ts));
    }
    assertThat(bad.binlogs()).hasSize(before);
    bad.mode(FakePump.Mode.STORE);
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(
            () ->
                assertThat(use(client))
                    .containsExactly(PumpView.Use.AVAILABLE, PumpView.Use.AVAILABLE));
  }

  @Test
  @DisplayName(
      "pump-client fact 4: an oversize refusal is 'binlog data is too large', nothing more")
  void prewrite_tooLarge_failsOnlyItself() throws Exception {
    FakePump small = scene.pump(new FakePump("a", 2_000), NodeState.ONLINE);
    PumpClient client = scene.client(quick());
    Binlog large = Binlog.prewrite(new Tso(10), Payload.ofUtf8("k"), Payload.of(new byte[5_000]));
    assertThatThrownBy(() -> client.write(large))
        .isInstanceOf(BinlogTooLargeException.class)
        .hasMessageStartingWith("binlog data is too large (")
        .hasMessageContaining("received message larger than max");
    client.write(prewrite(11));
    assertThat(small.startTs(BinlogKind.PREWRITE)).containsExactly(11L);
  }

  @Test
  @DisplayName("pump-client fact 5: with the only Pump paused a Prewrite fails at once")
  void prewrite_onlyPumpPaused_failsAtOnce() throws Exception {
    FakePump only = scene.pump("a");
    PumpClient client = scene.client(PumpClientSettings.defaults());
    client.write(prewrite(10));
    scene.registry().updateState(NodeKind.PUMP, "a", NodeState.PAUSED);
    await().until(() -> use(client).contains(PumpView.Use.NOT_ONLINE));
    long began = System.nanoTime();
    assertThatThrownBy(() -> client.write(prewrite(11)))
        .isInstanceOf(NoPumpException.class)
        .hasMessage("no available pump to write binlog");
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
    client.write(commit(10));
    assertThat(only.startTs(BinlogKind.COMMIT))
        .as("a commit goes to its Pump")
        .containsExactly(10L);
  }

  @Test
  @DisplayName("pump-client fact 9: deadline exceeded on A, stored on B: the Commit goes to B only")
  void prewrite_timedOutOnOnePump_commitsOnTheOther() throws Exception {
    FakePump a = scene.pump("a");
    FakePump b = scene.pump("b");
    a.mode(FakePump.Mode.SILENT);
    PumpClient client = scene.client(quick());
    client.write(prewrite(10));
    client.write(commit(10));
    assertThat(a.startTs(BinlogKind.PREWRITE)).containsExactly(10L);
    assertThat(b.startTs(BinlogKind.PREWRITE)).containsExactly(10L);
    assertThat(a.startTs(BinlogKind.COMMIT)).isEmpty();
    assertThat(b.startTs(BinlogKind.COMMIT)).containsExactly(10L);
  }

  @Test
  @DisplayName("pump-client fact 11: a probe is the cluster id and nothing else")
  void probe_isTheClusterIdOnly() throws Exception {
    FakePump a = scene.pump("a");
    PumpClient client = scene.client(quick());
    a.mode(FakePump.Mode.NOT_ONLINE);
    while (use(client).contains(PumpView.Use.AVAILABLE)) {
      assertThatThrownBy(() -> client.write(prewrite(10))).isInstanceOf(WriteFailedException.class);
    }
    await().until(() -> a.probes() > 0);
    assertThat(a.requests())
        .filteredOn(request -> request.getPayload().isEmpty())
        .allSatisfy(probe -> assertThat(probe.toByteArray()).containsExactly(0x08, 0xac, 0x02));
  }

  @Test
  @DisplayName("pump-client fact 12: a Commit to an unreachable Pump is repeated, then given up")
  void commit_pumpGone_isRepeatedThenGivenUpWithoutError() throws Exception {
    FakePump a = scene.pump("a");
    PumpClient client =
        scene.client(quick().withFinishing(Duration.ofMillis(100), Duration.ofSeconds(1)));
    client.write(prewrite(10));
    a.mode(FakePump.Mode.UNAVAILABLE);
    client.write(commit(10));
    assertThat(a.startTs(BinlogKind.COMMIT)).hasSizeBetween(3, 12);
    assertThat(client.openTransactions()).isZero();
  }

  @Test
  void commit_pumpBackInTime_arrives() throws Exception {
    FakePump a = scene.pump("a");
    PumpClient client = scene.client(quick());
    client.write(prewrite(10));
    a.mode(FakePump.Mode.NOT_ONLINE);
    CompletableFuture<Void> commit = client.writeAsync(commit(10));
    await().until(() -> a.startTs(BinlogKind.COMMIT).size() > 2);
    assertThat(commit).isNotDone();
    a.mode(FakePump.Mode.STORE);
    commit.get();
  }

  @Test
  void prewrite_refusedInsideTheAnswer_isRepeatedButNotHeldAgainstThePump() throws Exception {
    FakePump a = scene.pump("a");
    PumpClient client = scene.client(quick());
    a.mode(FakePump.Mode.ERRMSG);
    for (int i = 0; i < 4; i++) {
      assertThatThrownBy(() -> client.write(prewrite(10)))
          .isInstanceOf(WriteFailedException.class)
          .hasMessage("write binlog failed, the last error refused");
    }
    assertThat(a.requests()).hasSizeGreaterThan(11);
    assertThat(use(client)).containsExactly(PumpView.Use.AVAILABLE);
    assertThat(client.openTransactions()).isZero();
  }

  @Test
  void prewrite_allAvoidedButOneWorksAgain_isTheLastResort() throws Exception {
    FakePump a = scene.pump("a");
    PumpClient client = scene.client(quick().withProbeInterval(Duration.ofHours(1)));
    a.mode(FakePump.Mode.NOT_ONLINE);
    while (use(client).contains(PumpView.Use.AVAILABLE)) {
      assertThatThrownBy(() -> client.write(prewrite(10))).isInstanceOf(WriteFailedException.class);
    }
    a.mode(FakePump.Mode.STORE);
    client.write(prewrite(11));
    assertThat(use(client)).containsExactly(PumpView.Use.AVAILABLE);
  }

  @Test
  void close_writesUnderWay_fail() throws Exception {
    FakePump a = scene.pump("a");
    a.mode(FakePump.Mode.SILENT);
    PumpClient client = scene.client(PumpClientSettings.defaults());
    CompletableFuture<Void> write = client.writeAsync(prewrite(10));
    client.close();
    assertThatThrownBy(write::get).hasCauseInstanceOf(RetryableException.class);
    assertThatThrownBy(() -> client.write(prewrite(11))).isInstanceOf(RetryableException.class);
  }
}
