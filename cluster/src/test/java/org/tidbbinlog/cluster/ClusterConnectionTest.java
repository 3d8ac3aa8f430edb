package org.tidbbinlog.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.registry.NodeKind;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.cluster.registry.NodeStatus;
import org.tidbbinlog.codec.key.MetaKey;
import org.tidbbinlog.node.net.Tls;
import org.tidbbinlog.testkit.ClusterDouble;
import org.tidbbinlog.testkit.pd.Answering;

@Timeout(90)
class ClusterConnectionTest {
  private static NodeStatus pump(long maxCommitTs) {
    return new NodeStatus(
        NodeKind.PUMP, "p", "h:1", NodeState.ONLINE, new Tso(maxCommitTs), Tso.ZERO);
  }

  /** All four ports work; retried, since an outage may end any single call. */
  private static void assertAllWorks(ClusterConnection connection, long mark) {
    await()
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptionsInstanceOf(RetryableException.class)
        .untilAsserted(
            () -> {
              Tso now = connection.timeSource().next();
              connection.registry().put(pump(mark));
              assertThat(connection.registry().list(NodeKind.PUMP)).containsExactly(pump(mark));
              assertThat(connection.schemaSource().snapshotAt(now).schemaVersion()).isEqualTo(3);
              assertThat(connection.transactionStatus().fateOf(now, new byte[] {'k'}, now))
                  .isNotNull();
            });
  }

  @Test
  void connection_pdAwayLeaderMovedAddressesReplaced_carriesOn() throws Exception {
    try (ClusterDouble cluster =
            ClusterDouble.start(ClusterDouble.Plan.small().withPdMembers(3).withStores(2));
        ClusterConnection connection =
            ClusterConnection.open(
                cluster.pdUrls(), Tls.plaintext(), Clock.system(), TestLinks.limits())) {
      cluster
          .tikv()
          .putMeta(MetaKey.schemaVersion().encode(), new byte[] {'3'}, cluster.pd().nextTso());
      assertThat(connection.clusterId()).isEqualTo(cluster.clusterId());
      List<List<NodeStatus>> told = new CopyOnWriteArrayList<>();
      connection.registry().watch(NodeKind.PUMP, told::add);
      assertAllWorks(connection, 1);

      cluster.pd().answerAll(Answering.REFUSING);
      Thread.sleep(3_000);
      cluster.pd().answerAll(Answering.NORMALLY);
      assertAllWorks(connection, 2);

      cluster.pd().moveLeaderTo(2);
      cluster.pd().stop(0);
      assertAllWorks(connection, 3);
      cluster.pd().startAgain(0);

      for (int member = 0; member < 3; member++) {
        cluster.pd().move(member);
        cluster.pd().moveLeaderTo((member + 1) % 3);
        assertAllWorks(connection, 10 + member);
        awaitAddresses(connection, cluster);
      }
      await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(() -> assertThat(told.get(told.size() - 1)).containsExactly(pump(12)));
    }
  }

  private static void awaitAddresses(ClusterConnection connection, ClusterDouble cluster) {
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () ->
                assertThat(connection.pdAddresses())
                    .containsExactlyElementsOf(
                        cluster.pdUrls().stream().map(u -> u.replace("http://", "")).toList()));
  }

  @Test
  void connection_allPdsDownForSeconds_carriesOn() throws Exception {
    outage(Duration.ofSeconds(5));
  }

  @Test
  @Tag("soak")
  @Timeout(180)
  void connection_allPdsDownForAMinute_carriesOn() throws Exception {
    outage(Duration.ofSeconds(65));
  }

  private static void outage(Duration length) throws Exception {
    try (ClusterDouble cluster = ClusterDouble.start(ClusterDouble.Plan.small().withPdMembers(2));
        ClusterConnection connection =
            ClusterConnection.open(
                cluster.pdUrls(), Tls.plaintext(), Clock.system(), TestLinks.limits())) {
      cluster
          .tikv()
          .putMeta(MetaKey.schemaVersion().encode(), new byte[] {'3'}, cluster.pd().nextTso());
      List<List<NodeStatus>> told = new CopyOnWriteArrayList<>();
      connection.registry().watch(NodeKind.PUMP, told::add);
      assertAllWorks(connection, 1);
      cluster.pd().stop(0);
      cluster.pd().stop(1);
      Thread.sleep(length.toMillis());
      cluster.pd().startAgain(1);
      cluster.pd().moveLeaderTo(1);
      long began = System.nanoTime();
      assertAllWorks(connection, 2);
      assertThat(Duration.ofNanos(System.nanoTime() - began))
          .as("time to recover")
          .isLessThan(Duration.ofSeconds(10));
      await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(() -> assertThat(told.get(told.size() - 1)).containsExactly(pump(2)));
    }
  }

  @Test
  void connection_pdSilentForAWhile_carriesOn() throws Exception {
    try (ClusterDouble cluster = ClusterDouble.start();
        ClusterConnection connection =
            ClusterConnection.open(
                cluster.pdUrls(), Tls.plaintext(), Clock.system(), TestLinks.limits())) {
      cluster
          .tikv()
          .putMeta(MetaKey.schemaVersion().encode(), new byte[] {'3'}, cluster.pd().nextTso());
      assertAllWorks(connection, 1);
      cluster.pd().answerAll(Answering.NEVER);
      cluster.tikv().answer(Answering.NEVER);
      Thread.sleep(3_000);
      cluster.pd().answerAll(Answering.NORMALLY);
      cluster.tikv().answer(Answering.NORMALLY);
      assertAllWorks(connection, 2);
    }
  }
}
