package org.tidbbinlog.cluster;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Backoff;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.etcd.EtcdClient;
import org.tidbbinlog.cluster.etcd.EtcdNodeRegistry;
import org.tidbbinlog.cluster.net.Attempts;
import org.tidbbinlog.cluster.net.Links;
import org.tidbbinlog.cluster.net.PdUrls;
import org.tidbbinlog.cluster.pd.PdClient;
import org.tidbbinlog.cluster.pd.PdTimeSource;
import org.tidbbinlog.cluster.pd.ServiceSafePoint;
import org.tidbbinlog.cluster.registry.NodeRegistry;
import org.tidbbinlog.cluster.schema.SchemaSource;
import org.tidbbinlog.cluster.tikv.TikvClient;
import org.tidbbinlog.cluster.tikv.TikvKeyVersions;
import org.tidbbinlog.cluster.tikv.TikvSchemaSource;
import org.tidbbinlog.cluster.tikv.TikvTransactionStatus;
import org.tidbbinlog.cluster.time.TimeSource;
import org.tidbbinlog.cluster.txn.KeyVersions;
import org.tidbbinlog.cluster.txn.TransactionStatus;
import org.tidbbinlog.node.net.Channels;
import org.tidbbinlog.node.net.Tls;

/**
 * One TiDB cluster as this process sees it: the door to PD, its etcd and TiKV. Open it once, share
 * it, close it last. All parts survive the loss of members, leader moves and replaced addresses;
 * what cannot be done within its limit throws {@link RetryableException} and may be tried again.
 */
public final class ClusterConnection implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterConnection.class);
  private static final Backoff BACKOFF =
      new Backoff(Duration.ofMillis(50), Duration.ofSeconds(1), 0.2);

  private final Clock clock;
  private final Tls tls;
  private final Links links;
  private final PdClient pd;
  private final PdTimeSource time;
  private final EtcdClient etcd;
  private final EtcdNodeRegistry registry;
  private final TikvClient tikv;
  private final TransactionStatus transactions;
  private final SchemaSource schema;
  private final ScheduledExecutorService upkeep;

  /**
   * Finds the cluster; waits up to 100 s for a PD leader.
   *
   * @param pdUrls {@code http://host:port}, or {@code host:port}
   * @throws OperatorException for bad addresses, or members of different clusters
   * @throws RetryableException when no PD answered
   */
  public static ClusterConnection open(List<String> pdUrls, Tls tls, Clock clock)
      throws InterruptedException {
    return open(pdUrls, tls, clock, ClusterLimits.defaults());
  }

  public static ClusterConnection open(
      List<String> pdUrls, Tls tls, Clock clock, ClusterLimits limits) throws InterruptedException {
    List<String> hostPorts = PdUrls.hostPorts(pdUrls);
    Links links = new Links(address -> Channels.open(address, tls));
    RandomGenerator random = new Random();
    Attempts.Policy policy = new Attempts.Policy(clock, limits.tikv(), BACKOFF, random);
    try {
      PdClient pd = PdClient.discover(hostPorts, links, policy, limits.pd());
      EtcdClient etcd =
          new EtcdClient(hostPorts, pd::memberAddresses, links, policy.withLimit(limits.etcd()));
      return new ClusterConnection(clock, tls, links, pd, etcd, policy, limits);
    } catch (RuntimeException | InterruptedException e) {
      links.close();
      throw e;
    }
  }

  private ClusterConnection(
      Clock clock,
      Tls tls,
      Links links,
      PdClient pd,
      EtcdClient etcd,
      Attempts.Policy policy,
      ClusterLimits limits) {
    this.clock = clock;
    this.tls = tls;
    this.links = links;
    this.pd = pd;
    this.etcd = etcd;
    this.time = new PdTimeSource(pd, links, clock, limits.pd());
    this.registry = new EtcdNodeRegistry(etcd, clock, limits.etcdSilence());
    this.tikv = new TikvClient(pd, links, time, policy);
    this.transactions = new TikvTransactionStatus(tikv);
    this.schema = new TikvSchemaSource(tikv, limits.scanPage());
    this.upkeep = Executors.newSingleThreadScheduledExecutor(ClusterConnection::upkeepThread);
    every(limits.pd().refreshPeriod(), pd::refreshMembers);
    every(limits.etcdSyncPeriod(), etcd::syncMembers);
  }

  public long clusterId() {
    return pd.clusterId();
  }

  public TimeSource timeSource() {
    return time;
  }

  public NodeRegistry registry() {
    return registry;
  }

  public TransactionStatus transactionStatus() {
    return transactions;
  }

  /** What TiKV holds of a key, as text. */
  public KeyVersions keyVersions() {
    return new TikvKeyVersions(tikv);
  }

  public SchemaSource schemaSource() {
    return schema;
  }

  /** Keys of TiKV in bytes, for those who need them. */
  public TikvClient tikv() {
    return tikv;
  }

  /** {@code host:port} of the PD members, as last told. */
  public List<String> pdAddresses() {
    return pd.memberAddresses();
  }

  /** What is older may be gone from TiKV. */
  public Tso gcSafePoint() throws InterruptedException {
    return pd.gcSafePoint();
  }

  /**
   * Holds the garbage collector back at {@code wanted}, asked again every 150 s; PD forgets it 300
   * s after the last renewal.
   *
   * @param serviceId {@code drainer_<nanoseconds>} for a Drainer
   */
  public ServiceSafePoint serviceSafePoint(String serviceId, Supplier<Tso> wanted)
      throws InterruptedException {
    return ServiceSafePoint.hold(pd, clock, serviceId, ServiceSafePoint.DEFAULT_TTL, wanted);
  }

  /** Keys beside the registry, for those who need them. */
  public EtcdClient etcd() {
    return etcd;
  }

  /** The TLS that this connection was opened with, for links to Pumps and Drainers. */
  public Tls tls() {
    return tls;
  }

  public Clock clock() {
    return clock;
  }

  @Override
  public void close() {
    upkeep.shutdownNow();
    registry.close();
    time.close();
    links.close();
  }

  private void every(Duration period, Runnable task) {
    var unused =
        upkeep.scheduleWithFixedDelay(
            () -> quietly(task), period.toMillis(), period.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static void quietly(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      LOG.atWarn().addKeyValue("error", e).log("cluster upkeep failed, trying later");
    }
  }

  private static Thread upkeepThread(Runnable task) {
    Thread thread = new Thread(task, "cluster-upkeep-1");
    thread.setDaemon(true);
    return thread;
  }
}
