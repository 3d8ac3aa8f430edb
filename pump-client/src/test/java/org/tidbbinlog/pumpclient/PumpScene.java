package org.tidbbinlog.pumpclient;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.ClusterConnection;
import org.tidbbinlog.cluster.registry.NodeRegistry;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.node.net.Tls;
import org.tidbbinlog.testkit.ClusterDouble;

/** Clients and Pumps behind real ports, which are listed in a registry behind a real port. */
final class PumpScene implements AutoCloseable {
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

  @Override
  public void close() {
    clients.forEach(PumpClient::close);
    connection.close();
    pumps.forEach(FakePump::close);
    cluster.close();
  }

  FakePump pump(String id) {
    return pump(new FakePump(id), NodeState.ONLINE);
  }

  FakePump pump(FakePump pump, NodeState state) {
    pumps.add(pump);
    connection.registry().put(pump.status(state));
    return pump;
  }

  PumpClient client(PumpClientSettings settings) {
    PumpClient client = PumpClient.open(connection, settings);
    clients.add(client);
    return client;
  }

  static PumpClientSettings quick() {
    return PumpClientSettings.defaults()
        .withWriteTimeout(Duration.ofMillis(400))
        .withProbeInterval(Duration.ofMillis(300))
        .withFinishing(Duration.ofMillis(200), Duration.ofSeconds(30));
  }

  static Binlog prewrite(long startTs) {
    return Binlog.prewrite(
        new Tso(startTs), Payload.ofUtf8("key" + startTs), Payload.ofUtf8("value"));
  }

  static Binlog commit(long startTs) {
    return Binlog.commitOf(prewrite(startTs), new Tso(startTs + 1));
  }

  /** Those there are. */
  List<FakePump> pumps() {
    return pumps;
  }

  /** One that the registry does not know. */
  void add(FakePump pump) {
    pumps.add(pump);
  }

  NodeRegistry registry() {
    return connection.registry();
  }

  static List<PumpView.Use> use(PumpClient client) {
    return client.pumps().stream().map(PumpView::use).toList();
  }
}
