package org.tidbbinlog.tools.replay;

import java.util.List;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.cluster.ClusterConnection;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.codec.binlog.BinlogKind;
import org.tidbbinlog.node.net.Tls;
import org.tidbbinlog.pumpclient.PumpClient;
import org.tidbbinlog.pumpclient.PumpClientSettings;

/**
 * Writes through the Pump Client, as TiDB does: Prewrites are waited for, Commits and Rollbacks are
 * not.
 */
public final class ClientPumps implements BinlogWriter, AutoCloseable {
  private final ClusterConnection cluster;
  private final PumpClient client;

  private ClientPumps(ClusterConnection cluster, PumpClient client) {
    this.cluster = cluster;
    this.client = client;
  }

  /** Learns the Pumps from the registry; there must be one. */
  public static ClientPumps open(List<String> pdUrls) throws InterruptedException {
    ClusterConnection cluster = ClusterConnection.open(pdUrls, Tls.plaintext(), Clock.system());
    try {
      return new ClientPumps(cluster, PumpClient.open(cluster, PumpClientSettings.defaults()));
    } catch (RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  @Override
  public void write(Binlog binlog) throws InterruptedException {
    if (binlog.kind() == BinlogKind.PREWRITE) {
      client.write(binlog);
    } else {
      var unused = client.writeAsync(binlog);
    }
  }

  /** The cluster that the client is connected to. */
  public ClusterConnection cluster() {
    return cluster;
  }

  @Override
  public void close() {
    client.close();
    cluster.close();
  }
}
