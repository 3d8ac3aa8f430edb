package org.tidbbinlog.tools.replay;

import java.time.Duration;
import java.util.List;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.cluster.ClusterConnection;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.codec.binlog.BinlogKind;
import org.tidbbinlog.node.net.Tls;
import org.tidbbinlog.pumpclient.PumpClient;
import org.tidbbinlog.pumpclient.PumpClientSettings;
import org.tidbbinlog.pumpclient.PumpView;

/**
 * Writes through the Pump Client, as TiDB does: Prewrites are waited for, Commits and Rollbacks are
 * not.
 */
public final class ClientPumps implements BinlogWriter, AutoCloseable {
  private static final Duration ONLINE_LIMIT = Duration.ofMinutes(1);
  private static final Duration POLL = Duration.ofMillis(20);

  private final ClusterConnection cluster;
  private final PumpClient client;

  private ClientPumps(ClusterConnection cluster, PumpClient client) {
    this.cluster = cluster;
    this.client = client;
  }

  /**
   * Learns the Pumps from the registry, and waits until one takes Prewrites: a Pump answers before
   * it is online.
   *
   * @throws OperatorException when none does for a minute
   */
  public static ClientPumps open(List<String> pdUrls) throws InterruptedException {
    ClusterConnection cluster = ClusterConnection.open(pdUrls, Tls.plaintext(), Clock.system());
    try {
      PumpClient client = PumpClient.open(cluster, PumpClientSettings.defaults());
      awaitAvailable(client, cluster.clock());
      return new ClientPumps(cluster, client);
    } catch (RuntimeException | InterruptedException e) {
      cluster.close();
      throw e;
    }
  }

  private static void awaitAvailable(PumpClient client, Clock clock) throws InterruptedException {
    long endNs = clock.nanoTime() + ONLINE_LIMIT.toNanos();
    while (client.pumps().stream().noneMatch(pump -> pump.use() == PumpView.Use.AVAILABLE)) {
      if (clock.nanoTime() - endNs > 0) {
        client.close();
        throw new OperatorException(
            "no pump is online after " + ONLINE_LIMIT.toSeconds() + " s: " + client.pumps());
      }
      clock.sleep(POLL);
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
