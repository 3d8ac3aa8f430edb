package org.tidbbinlog.pump.server;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.cluster.ClusterConnection;
import org.tidbbinlog.cluster.ClusterLimits;
import org.tidbbinlog.cluster.registry.NodeKind;
import org.tidbbinlog.cluster.registry.NodeRegistry;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.cluster.registry.NodeStatus;
import org.tidbbinlog.cluster.time.TimeSource;
import org.tidbbinlog.cluster.txn.TransactionStatus;
import org.tidbbinlog.node.config.Addresses.HostPort;
import org.tidbbinlog.node.metrics.Metrics;
import org.tidbbinlog.node.metrics.Pushgateway;
import org.tidbbinlog.node.net.Channels;
import org.tidbbinlog.node.net.Tls;
import org.tidbbinlog.node.process.NodeProcess;
import org.tidbbinlog.node.process.StopReason;
import org.tidbbinlog.node.server.PortServer;
import org.tidbbinlog.pump.storage.BinlogStore;
import org.tidbbinlog.pump.storage.StoreObserver;
import org.tidbbinlog.pump.storage.StoreSettings;

/**
 * One Pump: what it is made of, and the order in which that comes up and goes down. Owned by the
 * main thread. It serves before it registers, so that nobody who reads {@code online} has to wait,
 * and takes Prewrites only when every Drainer knows of it (I4). Source: pump sections 4 and 10.
 */
final class PumpNode {
  private static final Logger LOG = LoggerFactory.getLogger(PumpNode.class);
  private static final Duration GRACE = Duration.ofSeconds(10);
  private static final Duration STREAMS_END = Duration.ofSeconds(2);

  private final PumpSettings settings;
  private final Clock clock;
  private final Tls tls;
  private final ClusterConnection cluster;
  private final BinlogStore store;
  private final PumpState state = new PumpState();
  private final Metrics numbers;
  private final PumpMetrics metrics;
  private final ExecutorService pullExecutor = Threads.pulls();
  private final ExecutorService spillExecutor = Threads.spill();
  private final SpaceWatch space;
  private final PayloadSpill spill;
  private final WriteGate gate;
  private final Safekeeping safe;
  private final PullService pulls;
  private final FakeBinlogs fakes;
  private volatile Optional<Running> running = Optional.empty();

  /** What exists only once the port is bound. */
  private record Running(
      PortServer port,
      String nodeId,
      NodeProcess process,
      Registration registration,
      PumpLoops loops,
      Optional<Pushgateway> push) {}

  /** Where binlogs go. */
  interface StoreOpener {
    BinlogStore open(
        Path dataDir,
        StoreSettings settings,
        TransactionStatus transactions,
        TimeSource time,
        StoreObserver observer,
        Clock clock);
  }

  /** Connects to PD and opens the store; nobody can reach the node yet. */
  static PumpNode create(PumpSettings settings, Clock clock, StoreOpener opener)
      throws InterruptedException {
    Tls tls = Tls.of(settings.tls());
    tellBacklog(settings);
    DataDirectory.prepare(settings.dataDir());
    Metrics numbers = new Metrics();
    PumpMetrics metrics = new PumpMetrics(numbers);
    ClusterConnection cluster = connect(settings, tls, clock);
    try {
      BinlogStore store =
          opener.open(
              settings.dataDir(),
              settings.store(),
              cluster.transactionStatus(),
              cluster.timeSource(),
              metrics,
              clock);
      return new PumpNode(settings, clock, tls, cluster, store, numbers, metrics);
    } catch (RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  private static void tellBacklog(PumpSettings settings) {
    int entries = settings.store().backlogEntries();
    if (entries < settings.askedBacklog()) {
      LOG.atWarn()
          .addKeyValue("kv_chan_cap", settings.askedBacklog())
          .addKeyValue("used", entries)
          .addKeyValue("heap", Runtime.getRuntime().maxMemory())
          .log("the heap holds fewer records between value log and sorter, raise -Xmx for more");
    }
  }

  private static ClusterConnection connect(PumpSettings settings, Tls tls, Clock clock)
      throws InterruptedException {
    try {
      ClusterLimits usual = ClusterLimits.defaults();
      ClusterLimits limits =
          new ClusterLimits(
              usual.pd(),
              settings.registryTimeout(),
              usual.etcdSilence(),
              usual.etcdSyncPeriod(),
              usual.tikv(),
              usual.scanPage());
      return ClusterConnection.open(settings.pdUrls(), tls, clock, limits);
    } catch (RetryableException e) {
      throw new OperatorException(
          "no PD at " + String.join(",", settings.pdUrls()) + ": " + e.getMessage(), e);
    }
  }

  private PumpNode(
      PumpSettings settings,
      Clock clock,
      Tls tls,
      ClusterConnection cluster,
      BinlogStore store,
      Metrics numbers,
      PumpMetrics metrics) {
    this.numbers = numbers;
    this.metrics = metrics;
    this.settings = settings;
    this.clock = clock;
    this.tls = tls;
    this.cluster = cluster;
    this.store = store;
    metrics.follow(store::stats);
    ClusterCheck check = new ClusterCheck(cluster.clusterId());
    this.space = new SpaceWatch(store::diskSpace, settings.stopWriteAtBytes(), metrics);
    this.spill = new PayloadSpill(settings.dataDir().resolve("spill"));
    this.gate = new WriteGate(check, state, space, store, metrics, clock, spill, spillExecutor);
    this.safe = new Safekeeping(settings, store, cluster.registry(), numbers, clock);
    this.pulls = new PullService(check, store, safe.gaps(), metrics, clock, pullExecutor);
    this.fakes = new FakeBinlogs(cluster.timeSource(), store, gate, metrics, clock);
  }

  /** Serves, registers, tells the Drainers, goes online. Cleans up after itself when it fails. */
  void start(NodeProcess process) throws InterruptedException {
    PortServer port = serve();
    try {
      String nodeId = NodeIdentity.settle(settings.dataDir(), settings.nodeId(), madeUpId(port));
      HostPort advertised = settings.advertised();
      String host =
          advertised.port() == 0 ? advertised.host() + ":" + port.port() : advertised.toString();
      Registration registration =
          new Registration(
              cluster.registry(), cluster.timeSource(), clock, nodeId, host, store::maxCommitTs);
      becomeKnown(registration);
      goOnline(port, nodeId, process, registration);
      LOG.atInfo()
          .addKeyValue("node", nodeId)
          .addKeyValue("addr", host)
          .addKeyValue("port", port.port())
          .addKeyValue("cluster", Long.toUnsignedString(cluster.clusterId()))
          .log("pump is online");
    } catch (RuntimeException | Error | InterruptedException e) {
      port.shutdown(Duration.ZERO);
      throw e;
    }
  }

  private PortServer serve() {
    PumpHttp http =
        new PumpHttp(
            cluster.registry(),
            cluster.timeSource(),
            store,
            state,
            safe,
            metrics,
            space,
            cluster.keyVersions());
    PortServer.Builder builder =
        PortServer.builder("pump")
            .listen(settings.listen().toString())
            .tls(tls)
            .maxInboundMessageBytes(settings.maxMessageBytes())
            .service(
                PumpService.of(
                    gate, new WriteRequest.Reader(settings.maxMessageBytes(), spill, gate), pulls))
            .routes(http.routes(this::actions, () -> running().loops.tryTriggerGc(), numbers));
    if (!settings.socketPath().isEmpty()) {
      builder.unixSocket(Path.of(settings.socketPath()));
    }
    return builder.start();
  }

  private StateActions actions() {
    Running now = running();
    return new StateActions(now.nodeId, state, now.registration, now.process);
  }

  private Running running() {
    return running.orElseThrow(() -> new RetryableException("pump is starting"));
  }

  private static String madeUpId(PortServer port) {
    try {
      return InetAddress.getLocalHost().getHostName() + ":" + port.port();
    } catch (UnknownHostException e) {
      throw new OperatorException("this host has no name: give -node-id", e);
    }
  }

  /** Takes Prewrites only once every Drainer knows of it. */
  private void becomeKnown(Registration registration) throws InterruptedException {
    LOG.atInfo().addKeyValue("ts", cluster.timeSource().next()).log("timestamp from PD");
    Optional<NodeStatus> previous = registration.find();
    if (previous.isPresent()) {
      Duration twoBeats = settings.heartbeatInterval().multipliedBy(2).plusSeconds(1);
      registration.requireUnclaimed(previous.get(), twoBeats);
    }
    if (!isKnownToDrainers(previous.map(NodeStatus::state).orElse(NodeState.OFFLINE))) {
      introduce(registration);
    }
  }

  /**
   * Says in the registry that it takes Prewrites only once it takes them. A failure leaves {@code
   * paused} behind: a Prewrite may have come already.
   */
  private void goOnline(
      PortServer port, String nodeId, NodeProcess process, Registration registration)
      throws InterruptedException {
    try {
      state.tryMove(NodeState.ONLINE, "drainers know of it");
      registration.publish(NodeState.ONLINE);
      PumpLoops loops = new PumpLoops(jobs(registration), settings, clock);
      running = Optional.of(new Running(port, nodeId, process, registration, loops, push(nodeId)));
      safe.start(loops::tryTriggerGc);
    } catch (InterruptedException | RuntimeException | Error e) {
      state.tryMove(NodeState.PAUSED, "start failed");
      state.refusePrewrites();
      try {
        registration.publishLast(NodeState.PAUSED);
      } catch (RetryableException unreachable) {
        e.addSuppressed(unreachable);
      }
      throw e;
    }
  }

  /** A start that was cut short leaves {@code pausing} behind, see {@link #introduce}. */
  private static boolean isKnownToDrainers(NodeState last) {
    return last != NodeState.OFFLINE && last != NodeState.PAUSING;
  }

  /**
   * Makes every Drainer pull from this Pump. They leave out nobody but {@code offline}, and TiDB
   * writes to nobody but {@code online}: what lies between is {@code pausing}. A failure leaves
   * {@code offline} behind.
   */
  private void introduce(Registration registration) throws InterruptedException {
    registration.publish(NodeState.PAUSING);
    try {
      new DrainerNotify(host -> Channels.open(host, tls), clock)
          .notifyOnline(cluster.registry().list(NodeKind.DRAINER));
    } catch (RuntimeException e) {
      registration.publish(NodeState.OFFLINE);
      throw e;
    }
  }

  private PumpLoops.Jobs jobs(Registration registration) {
    NodeRegistry registry = cluster.registry();
    return new PumpLoops.Jobs(
        registration,
        state,
        fakes,
        space,
        safe.garbage(),
        new LagCheck(store, registry, metrics),
        store,
        pulls);
  }

  private Optional<Pushgateway> push(String nodeId) {
    PumpSettings.MetricsPush push = settings.metricsPush();
    return push.address().isEmpty() || push.interval().isZero()
        ? Optional.empty()
        : Optional.of(Pushgateway.start(numbers, push.address(), nodeId, push.interval()));
  }

  /** Leaves the state that {@code why} asks for in the registry and lets go of everything. */
  void stop(StopReason why) throws InterruptedException {
    Running now = running();
    NodeState last = NodeState.PAUSED;
    if (why == StopReason.CLOSE) {
      LeaveSafely leave =
          new LeaveSafely(store, cluster.registry(), fakes, clock, now.process::signalled);
      last = leave.await() == LeaveSafely.Outcome.GAVE_UP ? last : NodeState.OFFLINE;
    }
    safe.close();
    now.loops.close();
    state.tryMove(last, why.name());
    try {
      now.registration.publishLast(last);
    } catch (RetryableException e) {
      LOG.atError()
          .addKeyValue("state", last)
          .addKeyValue("error", e.getMessage())
          .log("last state not registered, set it with binlogctl");
    }
    state.refusePrewrites();
    pulls.endAll(STREAMS_END);
    now.port.shutdown(GRACE);
    now.push.ifPresent(Pushgateway::close);
  }

  /** Lets go of store and cluster; after {@link #stop}, or when {@link #start} failed. */
  void close() {
    pullExecutor.shutdown();
    spillExecutor.shutdown();
    store.close();
    cluster.close();
  }

  int port() {
    return running().port.port();
  }

  String nodeId() {
    return running().nodeId;
  }

  BinlogStore store() {
    return store;
  }

  PumpMetrics metrics() {
    return metrics;
  }
}
