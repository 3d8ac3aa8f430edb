package org.tidbbinlog.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.etcd.EtcdClient;
import org.tidbbinlog.cluster.etcd.EtcdNodeRegistry;
import org.tidbbinlog.cluster.net.Links;
import org.tidbbinlog.cluster.net.PdUrls;
import org.tidbbinlog.cluster.registry.NodeKind;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.cluster.registry.NodeStatus;
import org.tidbbinlog.node.net.Channels;
import org.tidbbinlog.node.net.Tls;
import org.tidbbinlog.testkit.ClusterDouble;
import org.tidbbinlog.testkit.etcd.EtcdServer;

@Timeout(60)
class ClusterTlsTest {
  private static final NodeStatus NODE =
      new NodeStatus(NodeKind.PUMP, "p", "h:1", NodeState.ONLINE, Tso.ZERO, Tso.ZERO);

  @Test
  @DisplayName("tikv-access fact 5: TLS with PEM connects to PD, etcd and TiKV")
  void connection_withTls_reachesAllParts(@TempDir Path folder) throws Exception {
    Tls tls = new TestAuthority(folder, "ours").tls();
    try (ClusterDouble cluster = ClusterDouble.start(ClusterDouble.Plan.small().withTls(tls));
        ClusterConnection connection =
            ClusterConnection.open(cluster.pdUrls(), tls, Clock.system())) {
      assertThat(cluster.pdUrls()).allMatch(url -> url.startsWith("https://"));
      Tso now = connection.timeSource().next();
      connection.registry().put(NODE);
      assertThat(connection.registry().list(NodeKind.PUMP)).containsExactly(NODE);
      assertThat(connection.schemaSource().job(1, now)).isEmpty();
    }
  }

  @Test
  @DisplayName("tikv-access fact 5: a wrong CA fails with a clear error within 30 s")
  void connection_withAnotherAuthority_failsSoonAndClearly(@TempDir Path folder) throws Exception {
    Tls theirs = new TestAuthority(folder, "theirs").tls();
    Tls ours = new TestAuthority(folder, "ours").tls();
    try (ClusterDouble cluster = ClusterDouble.start(ClusterDouble.Plan.small().withTls(theirs))) {
      long began = System.nanoTime();
      assertThatThrownBy(() -> ClusterConnection.open(cluster.pdUrls(), ours, Clock.system()))
          .isInstanceOf(OperatorException.class)
          .hasMessageStartingWith("TLS to PD [127.0.0.1:")
          .hasMessageContaining("ssl-ca");
      assertThat(System.nanoTime() - began).isLessThan(30_000_000_000L);
    }
  }

  @Test
  void registry_overARealEtcdWithClientCertificates_works(@TempDir Path folder) throws Exception {
    Assumptions.assumeTrue(EtcdServer.binary().isPresent(), "no etcd on this machine");
    TestAuthority authority = new TestAuthority(folder, "ours");
    Tls tls = authority.tls();
    try (EtcdServer server =
            EtcdServer.start(EtcdServer.binary().orElseThrow(), folder, authority.etcdFlags());
        Links links = new Links(address -> Channels.open(address, tls))) {
      assertThat(server.url()).startsWith("https://");
      EtcdClient etcd =
          new EtcdClient(
              PdUrls.hostPorts(List.of(server.url())),
              links,
              TestLinks.policy(Duration.ofSeconds(5)));
      try (EtcdNodeRegistry registry =
          new EtcdNodeRegistry(etcd, Clock.system(), Duration.ofSeconds(5))) {
        registry.put(NODE);
        assertThat(registry.find(NodeKind.PUMP, "p")).contains(NODE);
      }
    }
  }
}
