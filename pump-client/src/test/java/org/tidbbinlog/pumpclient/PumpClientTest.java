package org.tidbbinlog.pumpclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.ClusterConnection;
import org.tidbbinlog.cluster.registry.NodeKind;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.codec.binlog.BinlogKind;
import org.tidbbinlog.node.net.Tls;
import org.tidbbinlog.testkit.ClusterDouble;

/** The client against Pumps behind real ports, listed in a registry behind a real port. */
@Timeout(60)
class PumpClientTest {
  private final ClusterDouble cluster =
      ClusterDouble.start(ClusterDouble.Plan.small().withClusterId(300));
  private final ClusterConnection connection = connect();
  private final List<FakePump> pumps = new ArrayList<>();
  private final List<PumpClient> clients = new ArrayList<>();

  private ClusterConnection connect() {
    try {
      return ClusterConnection.open(cluster.pdUrls(), Tls.plaintext(), Clock.system());
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @AfterEach
  void close() {
    clients.forEach(PumpClient::close);
    connection.close();
    pumps.forEach(FakePump::close);
    cluster.close();
  }

  private FakePump pump(String id) {
    return pump(new FakePump(id), NodeState.ONLINE);
  }

  private FakePump pump(FakePump pump, NodeState state) {
    pumps.add(pump);
    connection.registry().put(pump.status(state));
    return pump;
  }

  private PumpClient client(PumpClientSettings settings) {
    PumpClient client = PumpClient.open(connection, settings);
    clients.add(client);
    return client;
  }

  private static PumpClientSettings quick() {
    return PumpClientSettings.defaults()
        .withWriteTimeout(Duration.ofMillis(400))
        .withProbeInterval(Duration.ofMillis(300))
        .withFinishing(Duration.ofMillis(200), Duration.ofSeconds(30));
  }

  private static Binlog prewrite(long startTs) {
    return Binlog.prewrite(
        new Tso(startTs), Payload.ofUtf8("key" + startTs), Payload.ofUtf8("value"));
  }

  private static Binlog commit(long startTs) {
    return Binlog.commitOf(prewrite(startTs), new Tso(startTs + 1));
  }

  @Test
  @DisplayName("pump-client fact 1: without any pump key opening says 'no pump found in pd'")
  void open_noPumpRegistered_isTheOperatorsMistake() {
    assertThatThrownBy(() -> client(quick()))
        .isInstanceOf(OperatorException.class)
        .hasMessage("no pump found in pd");
  }

  @Test
  @DisplayName("pump-client fact 2: with range, Prewrites alternate and Commits follow them")
  void range_prewritesAlternateAndCommitsFollow() throws Exception {
    FakePump a = pump("a");
    FakePump b = pump("b");
    PumpClient client = client(quick());
    for (long ts = 10; ts < 18; ts++) {
      client.write(prewrite(ts));
    }
    for (long ts = 17; ts >= 10; ts--) {
      client.write(ts % 3 == 0 ? Binlog.rollbackOf(prewrite(ts)) : commit(ts));
    }
    assertThat(a.startTs(BinlogKind.PREWRITE)).containsExactly(10L, 12L, 14L, 16L);
    assertThat(b.startTs(BinlogKind.PREWRITE)).containsExactly(11L, 13L, 15L, 17L);
    for (FakePump pump : pumps) {
      List<Long> ended = new ArrayList<>(pump.startTs(BinlogKind.COMMIT));
      ended.addAll(pump.startTs(BinlogKind.ROLLBACK));
      assertThat(ended).containsExactlyInAnyOrderElementsOf(pump.startTs(BinlogKind.PREWRITE));
    }
    assertThat(client.openTransactions()).isZero();
  }

  @Test
  void hash_choosesByStartTs() throws Exception {
    FakePump a = pump("a");
    FakePump b = pump("b");
    PumpClient client = client(quick().withStrategy(PumpStrategy.HASH));
    for (long ts : new long[] {10, 12, 13, 15, 20, 21}) {
      client.write(prewrite(ts));
    }
    assertThat(a.startTs(BinlogKind.PREWRITE)).containsExactly(10L, 12L, 20L);
    assertThat(b.startTs(BinlogKind.PREWRITE)).containsExactly(13L, 15L, 21L);
  }

  @Test
  void score_prefersTheFasterPump() throws Exception {
    FakePump slow = pump("a");
    FakePump fast = pump("b");
    slow.delay(Duration.ofMillis(60));
    PumpClient client = client(quick().withStrategy(PumpStrategy.SCORE));
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
  @DisplayName("pump-client fact 3: a failing Pump is avoided after 11 errors, back after a probe")
  void prewrite_pumpUnavailable_isAvoidedThenProbedBack() throws Exception {
    FakePump bad = pump("a");
    FakePump good = pump("b");
    PumpClient client = client(quick().withProbeInterval(Duration.ofSeconds(2)));
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

  private static List<PumpView.Use> use(PumpClient client) {
    return client.pumps().stream().map(PumpView::use).toList();
  }

  @Test
  @DisplayName(
      "pump-client fact 4: an oversize refusal is 'binlog data is too large', nothing more")
  void prewrite_tooLarge_failsOnlyItself() throws Exception {
    FakePump small = pump(new FakePump("a", 2_000), NodeState.ONLINE);
    PumpClient client = client(quick());
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
    FakePump only = pump("a");
    PumpClient client = client(PumpClientSettings.defaults());
    client.write(prewrite(10));
    connection.registry().updateState(NodeKind.PUMP, "a", NodeState.PAUSED);
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
  @DisplayName("pump-client fact 7: a rollback is sent as tp=2 with commit_ts 0")
  void rollback_hasNoCommitTs() throws Exception {
    FakePump a = pump("a");
    PumpClient client = client(quick());
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
    FakePump a = pump("a");
    PumpClient client = client(quick());
    client.write(prewrite(10));
    client.write(commit(10));
    Binlog sent = a.binlogs().get(1);
    assertThat(sent.prewriteKey()).isEqualTo(Payload.ofUtf8("key10"));
    assertThat(sent.prewriteValue().isPresent()).isFalse();
  }

  @Test
  @DisplayName("pump-client fact 9: deadline exceeded on A, stored on B: the Commit goes to B only")
  void prewrite_timedOutOnOnePump_commitsOnTheOther() throws Exception {
    FakePump a = pump("a");
    FakePump b = pump("b");
    a.mode(FakePump.Mode.SILENT);
    PumpClient client = client(quick());
    client.write(prewrite(10));
    client.write(commit(10));
    assertThat(a.startTs(BinlogKind.PREWRITE)).containsExactly(10L);
    assertThat(b.startTs(BinlogKind.PREWRITE)).containsExactly(10L);
    assertThat(a.startTs(BinlogKind.COMMIT)).isEmpty();
    assertThat(b.startTs(BinlogKind.COMMIT)).containsExactly(10L);
  }

  @Test
  @DisplayName("pump-client fact 10: online, paused, online again uses the new host")
  void registry_stateThereAndBack_usesTheNewHost() throws Exception {
    FakePump a = pump("a");
    PumpClient client = client(quick());
    client.write(prewrite(10));
    connection.registry().updateState(NodeKind.PUMP, "a", NodeState.PAUSED);
    a.moveToAnotherPort();
    connection.registry().put(a.status(NodeState.ONLINE));
    await().until(() -> client.pumps().get(0).status().host().equals(a.address()));
    client.write(prewrite(11));
    client.write(commit(10));
    assertThat(a.startTs(BinlogKind.PREWRITE)).containsExactly(10L, 11L);
    assertThat(a.startTs(BinlogKind.COMMIT)).containsExactly(10L);
  }

  @Test
  void registry_hostChangedInSameState_usesTheNewHost() throws Exception {
    FakePump a = pump("a");
    PumpClient client = client(quick());
    client.write(prewrite(10));
    a.moveToAnotherPort();
    connection.registry().put(a.status(NodeState.ONLINE));
    await().until(() -> client.pumps().get(0).status().host().equals(a.address()));
    client.write(prewrite(11));
    assertThat(a.startTs(BinlogKind.PREWRITE)).containsExactly(10L, 11L);
  }

  @Test
  @DisplayName("pump-client fact 11: a probe is the cluster id and nothing else")
  void probe_isTheClusterIdOnly() throws Exception {
    FakePump a = pump("a");
    PumpClient client = client(quick());
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
    FakePump a = pump("a");
    PumpClient client =
        client(quick().withFinishing(Duration.ofMillis(100), Duration.ofSeconds(1)));
    client.write(prewrite(10));
    a.mode(FakePump.Mode.UNAVAILABLE);
    client.write(commit(10));
    assertThat(a.startTs(BinlogKind.COMMIT)).hasSizeBetween(3, 12);
    assertThat(client.openTransactions()).isZero();
  }

  @Test
  void commit_pumpBackInTime_arrives() throws Exception {
    FakePump a = pump("a");
    PumpClient client = client(quick());
    client.write(prewrite(10));
    a.mode(FakePump.Mode.NOT_ONLINE);
    CompletableFuture<Void> commit = client.writeAsync(commit(10));
    await().until(() -> a.startTs(BinlogKind.COMMIT).size() > 2);
    assertThat(commit).isNotDone();
    a.mode(FakePump.Mode.STORE);
    commit.get();
  }

  @Test
  void commit_withoutPrewrite_sendsNothingAndSucceeds() throws Exception {
    FakePump a = pump("a");
    client(quick()).write(commit(10));
    assertThat(a.requests()).isEmpty();
  }

  @Test
  void prewrite_refusedInsideTheAnswer_isRepeatedButNotHeldAgainstThePump() throws Exception {
    FakePump a = pump("a");
    PumpClient client = client(quick());
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
    FakePump a = pump("a");
    PumpClient client = client(quick().withProbeInterval(Duration.ofHours(1)));
    a.mode(FakePump.Mode.NOT_ONLINE);
    while (use(client).contains(PumpView.Use.AVAILABLE)) {
      assertThatThrownBy(() -> client.write(prewrite(10))).isInstanceOf(WriteFailedException.class);
    }
    a.mode(FakePump.Mode.STORE);
    client.write(prewrite(11));
    assertThat(use(client)).containsExactly(PumpView.Use.AVAILABLE);
  }

  @Test
  void registry_newPump_isUsed() throws Exception {
    pump("a");
    PumpClient client = client(quick());
    FakePump b = pump("b");
    await().until(() -> client.pumps().size() == 2);
    client.write(prewrite(10));
    client.write(prewrite(11));
    assertThat(b.startTs(BinlogKind.PREWRITE)).hasSize(1);
  }

  @Test
  void open_allPumpsOffline_isAllowed() {
    pump(new FakePump("a"), NodeState.OFFLINE);
    PumpClient client = client(quick());
    assertThatThrownBy(() -> client.write(prewrite(10))).isInstanceOf(NoPumpException.class);
  }

  @Test
  void socket_localPump_getsEverything(@TempDir Path folder) throws Exception {
    Path socket = folder.resolve("p.sock");
    FakePump local = new FakePump(socket);
    pumps.add(local);
    PumpClient client = client(quick().withSocket(socket.toString()));
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
    pump("a");
    pump("b");
    pump("c");
    PumpClient client = client(PumpClientSettings.defaults().withStrategy(strategy));
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
    for (FakePump pump : pumps) {
      all.addAll(pump.startTs(BinlogKind.PREWRITE));
      assertThat(pump.startTs(BinlogKind.COMMIT))
          .containsExactlyInAnyOrderElementsOf(pump.startTs(BinlogKind.PREWRITE));
    }
    assertThat(all).hasSize(500);
    assertThat(new HashSet<>(all)).hasSize(500);
  }

  @Test
  void close_writesUnderWay_fail() throws Exception {
    FakePump a = pump("a");
    a.mode(FakePump.Mode.SILENT);
    PumpClient client = client(PumpClientSettings.defaults());
    CompletableFuture<Void> write = client.writeAsync(prewrite(10));
    client.close();
    assertThatThrownBy(write::get).hasCauseInstanceOf(RetryableException.class);
    assertThatThrownBy(() -> client.write(prewrite(11))).isInstanceOf(RetryableException.class);
  }
}
