package org.tidbbinlog.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.net.PdUrls;
import org.tidbbinlog.cluster.pd.ServiceSafePoint;
import org.tidbbinlog.cluster.registry.NodeKind;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.cluster.registry.NodeStatus;
import org.tidbbinlog.cluster.schema.SchemaSource.SchemaDump;
import org.tidbbinlog.cluster.txn.TransactionFate;
import org.tidbbinlog.codec.ddl.DdlJob;
import org.tidbbinlog.node.net.Tls;

/**
 * The connection against a real cluster with TiDB, named by {@code -Dreal.pd.urls=host:port}.
 * Leaves nothing behind but a service safe point that expires.
 */
@Timeout(120)
@EnabledIfSystemProperty(named = "real.pd.urls", matches = ".+")
class RealClusterTest {
  private static ClusterConnection open() throws InterruptedException {
    return ClusterConnection.open(
        PdUrls.parse(System.getProperty("real.pd.urls")), Tls.plaintext(), Clock.system());
  }

  @Test
  void timestamps_increase_nearTheClock() throws Exception {
    try (ClusterConnection cluster = open()) {
      assertThat(cluster.clusterId()).isNotZero();
      Tso last = Tso.ZERO;
      for (int i = 0; i < 1000; i++) {
        Tso ts = cluster.timeSource().next();
        assertThat(ts).isGreaterThan(last);
        last = ts;
      }
      assertThat(last.physicalMs()).isCloseTo(System.currentTimeMillis(), Offset.offset(5_000L));
    }
  }

  @Test
  void registry_works() throws Exception {
    try (ClusterConnection cluster = open()) {
      List<List<NodeStatus>> told = new CopyOnWriteArrayList<>();
      cluster.registry().watch(NodeKind.DRAINER, told::add);
      NodeStatus node =
          new NodeStatus(
              NodeKind.DRAINER, "real-test", "h:1", NodeState.OFFLINE, Tso.ZERO, Tso.ZERO);
      cluster.registry().put(node);
      await().untilAsserted(() -> assertThat(told.get(told.size() - 1)).contains(node));
      cluster.registry().updateState(NodeKind.DRAINER, "real-test", NodeState.PAUSED);
      assertThat(cluster.registry().find(NodeKind.DRAINER, "real-test"))
          .hasValueSatisfying(found -> assertThat(found.state()).isEqualTo(NodeState.PAUSED));
      assertThat(cluster.etcd().delete("/tidb-binlog/v1/drainers/real-test")).isEqualTo(1);
      await()
          .untilAsserted(
              () ->
                  assertThat(told.get(told.size() - 1))
                      .extracting(NodeStatus::nodeId)
                      .doesNotContain("real-test"));
      cluster.etcd().syncMembers();
      assertThat(cluster.etcd().endpoints()).isNotEmpty();
    }
  }

  @Test
  void schema_isReadBothWays() throws Exception {
    try (ClusterConnection cluster = open()) {
      Tso now = cluster.timeSource().next();
      SchemaDump dump = cluster.schemaSource().snapshotAt(now);
      assertThat(dump.schemaVersion()).isPositive();
      assertThat(dump.databases())
          .filteredOn(db -> db.info().name().lower().equals("mysql"))
          .singleElement()
          .satisfies(db -> assertThat(db.tables()).hasSizeGreaterThan(10));
      List<DdlJob> jobs = new ArrayList<>();
      Iterator<DdlJob> history = cluster.schemaSource().historyAt(now);
      history.forEachRemaining(jobs::add);
      assertThat(jobs).isNotEmpty();
      DdlJob some = jobs.get(jobs.size() / 2);
      assertThat(cluster.schemaSource().job(some.id(), now)).contains(some);
      assertThat(cluster.schemaSource().job(1L << 40, now)).isEmpty();
    }
  }

  @Test
  void transaction_neverSeen_isUndecidedThenRolledBack() throws Exception {
    try (ClusterConnection cluster = open()) {
      byte[] key = "mNoSuchKeyForTests".getBytes(StandardCharsets.UTF_8);
      Tso now = cluster.timeSource().next();
      assertThat(cluster.transactionStatus().fateOf(now, key, now))
          .isInstanceOf(TransactionFate.Undecided.class);
      Tso old = Tso.of(now.physicalMs() - Duration.ofMinutes(11).toMillis(), 1);
      assertThat(cluster.transactionStatus().fateOf(old, key, now))
          .isEqualTo(new TransactionFate.RolledBack());
      assertThat(cluster.transactionStatus().fateOf(old, key, old))
          .as("the planted rollback")
          .isEqualTo(new TransactionFate.RolledBack());
    }
  }

  @Test
  void serviceSafePoint_isAccepted() throws Exception {
    try (ClusterConnection cluster = open()) {
      Tso now = cluster.timeSource().next();
      try (ServiceSafePoint point = cluster.serviceSafePoint("drainer_real_test", () -> now)) {
        assertThat(point.held()).isEqualTo(now);
      }
      assertThat(cluster.gcSafePoint()).isLessThanOrEqualTo(now);
    }
  }
}
