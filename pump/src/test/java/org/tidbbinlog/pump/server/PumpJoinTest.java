package org.tidbbinlog.pump.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.ClusterConnection;
import org.tidbbinlog.cluster.registry.NodeKind;
import org.tidbbinlog.cluster.registry.NodeRegistry;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.cluster.registry.NodeStatus;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.node.net.Channels;
import org.tidbbinlog.node.net.Tls;
import org.tidbbinlog.pump.storage.BinlogStore;
import org.tidbbinlog.testkit.ClusterDouble;
import org.tidbbinlog.wire.pump.PumpGrpc;
import org.tidbbinlog.wire.pump.WriteBinlogReq;

/** The order of a Pump's first steps, as Drainers and TiDB see them. */
@Timeout(90)
final class PumpJoinTest {
  private static final Binlog PREWRITE = PumpUnderTest.prewrite(7, "v");

  private final ClusterDouble cluster = ClusterDouble.start();

  @AfterEach
  void stopCluster() {
    cluster.close();
  }

  private PumpUnderTest start(Path dir) throws Exception {
    return PumpUnderTest.start(cluster, dir, (d, s, t, c, o, k) -> new MemoryStore());
  }

  @Test
  void newPump_whileDrainersAreTold_isReachable_butNotOnline(@TempDir Path dir) throws Exception {
    CompletableFuture<NodeStatus> entry = new CompletableFuture<>();
    CompletableFuture<String> answer = new CompletableFuture<>();
    try (DrainerDouble drainer = DrainerDouble.start(cluster)) {
      drainer.register(NodeState.ONLINE, Tso.ZERO);
      drainer.atNotify(
          () -> {
            NodeStatus seen = ownEntry();
            entry.complete(seen);
            answer.complete(write(seen.host()));
          });
      try (PumpUnderTest pump = start(dir)) {
        assertThat(entry.get(20, TimeUnit.SECONDS).state()).isEqualTo(NodeState.PAUSING);
        assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo("no online: offline");
        assertThat(pump.registered().orElseThrow().state()).isEqualTo(NodeState.ONLINE);
      }
    }
  }

  @Test
  void pumpThatReadsOnline_takesPrewritesAlready(@TempDir Path dir) throws Exception {
    CompletableFuture<String> answer = new CompletableFuture<>();
    try (ClusterConnection connection = connect();
        NodeRegistry.Watching watch =
            connection.registry().watch(NodeKind.PUMP, pumps -> writeToOnline(pumps, answer));
        PumpUnderTest pump = start(dir)) {
      assertThat(watch).isNotNull();
      assertThat(pump.port()).isPositive();
      assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo("OK");
    }
  }

  /** It may have died before every Drainer heard of it. */
  @Test
  void pumpThatDiedWhileJoining_tellsDrainersAgain(@TempDir Path dir) throws Exception {
    try (DrainerDouble drainer = DrainerDouble.start(cluster)) {
      drainer.register(NodeState.ONLINE, Tso.ZERO);
      PumpUnderTest.register(
          cluster,
          new NodeStatus(
              NodeKind.PUMP,
              PumpUnderTest.NODE_ID,
              "10.9.8.7:8250",
              NodeState.PAUSING,
              Tso.ZERO,
              new Tso(1)));
      try (PumpUnderTest pump = start(dir)) {
        assertThat(drainer.notified()).isEqualTo(1);
        assertThat(pump.registered().orElseThrow().state()).isEqualTo(NodeState.ONLINE);
      }
    }
  }

  @Test
  void startThatBreaksAfterGoingOnline_leavesPaused(@TempDir Path dir) throws Exception {
    MemoryStore store = new MemoryStore();
    BinlogStore broken =
        (BinlogStore)
            Proxy.newProxyInstance(
                BinlogStore.class.getClassLoader(),
                new Class<?>[] {BinlogStore.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("stats")) {
                    throw new IllegalStateException("a bug");
                  }
                  return method.invoke(store, arguments);
                });
    assertThatThrownBy(() -> PumpUnderTest.start(cluster, dir, (d, s, t, c, o, k) -> broken))
        .hasMessage("a bug");
    assertThat(ownEntry().state()).isEqualTo(NodeState.PAUSED);
  }

  private void writeToOnline(List<NodeStatus> pumps, CompletableFuture<String> answer) {
    pumps.stream()
        .filter(pump -> pump.state() == NodeState.ONLINE)
        .forEach(pump -> answer.complete(write(pump.host())));
  }

  private ClusterConnection connect() throws InterruptedException {
    return ClusterConnection.open(cluster.pdUrls(), Tls.plaintext(), Clock.system());
  }

  private NodeStatus ownEntry() {
    try {
      return PumpUnderTest.registered(cluster, PumpUnderTest.NODE_ID).orElseThrow();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Sends one Prewrite; {@code OK} or the description of the refusal. */
  private String write(String host) {
    ManagedChannel channel = Channels.open(host, Tls.plaintext());
    try {
      PumpGrpc.newBlockingStub(channel)
          .withDeadlineAfter(10, TimeUnit.SECONDS)
          .writeBinlog(
              WriteBinlogReq.newBuilder()
                  .setClusterID(cluster.clusterId())
                  .setPayload(ByteString.copyFrom(PREWRITE.encode()))
                  .build());
      return "OK";
    } catch (RuntimeException e) {
      return String.valueOf(Status.fromThrowable(e).getDescription());
    } finally {
      channel.shutdownNow();
    }
  }
}
