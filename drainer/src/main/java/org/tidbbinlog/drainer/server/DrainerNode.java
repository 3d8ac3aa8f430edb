package org.tidbbinlog.drainer.server;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.ClusterConnection;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.drainer.airlock.DdlAirlock;
import org.tidbbinlog.drainer.checkpoint.CheckpointKeeper;
import org.tidbbinlog.drainer.checkpoint.FirstStart;
import org.tidbbinlog.drainer.merge.MergeProgress;
import org.tidbbinlog.drainer.pipeline.Pipeline;
import org.tidbbinlog.drainer.pipeline.PipelineEvents;
import org.tidbbinlog.drainer.sink.Checkpoint;
import org.tidbbinlog.drainer.sink.Divergences;
import org.tidbbinlog.drainer.sink.SinkFactory;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.Target;
import org.tidbbinlog.drainer.source.PulledBinlog;
import org.tidbbinlog.node.config.Addresses;
import org.tidbbinlog.node.metrics.Metrics;
import org.tidbbinlog.node.metrics.Pushgateway;
import org.tidbbinlog.node.net.Channels;
import org.tidbbinlog.node.net.Tls;
import org.tidbbinlog.node.process.NodeProcess;
import org.tidbbinlog.node.process.StopReason;
import org.tidbbinlog.node.server.PortServer;

/**
 * One running Drainer. Its port listens before it is registered, because from then on Pumps may
 * call; it is registered before the list of Pumps is read, so that none can be missed in between.
 * Source: drainer section 5.
 */
final class DrainerNode implements PipelineEvents, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DrainerNode.class);

  /** Well below the 10 s that a Pump has for telling all Drainers. */
  private static final Duration NOTIFY_WAIT = Duration.ofSeconds(3);

  private static final Duration PORT_GRACE = Duration.ofSeconds(2);
  private static final long PUMP_KEEP_ALIVE_S = 360;
  private static final long PUMP_KEEP_ALIVE_TIMEOUT_S = 20;

  private final DrainerSettings settings;
  private final NodeProcess process;
  private final Clock clock;
  private final Metrics metrics = new Metrics();
  private final DrainerMetrics drainerMetrics;
  private final SyncWatch syncWatch;
  private final LongTransaction longTransaction;
  private final NodeLife life = new NodeLife();
  private final Divergences divergences = new Divergences();
  private final StartedPipeline pipeline = new StartedPipeline();
  private volatile Optional<Throwable> failure = Optional.empty();
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private volatile Optional<Registration> registration = Optional.empty();
  private volatile BooleanSupplier held = () -> false;
  private volatile Tso startedAt = Tso.ZERO;
  private volatile Tso lastSaved = Tso.ZERO;

  DrainerNode(DrainerSettings settings, NodeProcess process, Clock clock) {
    this.settings = settings;
    this.process = process;
    this.clock = clock;
    this.drainerMetrics = new DrainerMetrics(metrics, clock);
    this.longTransaction =
        new LongTransaction(
            () -> pipeline.now().flatMap(Pipeline::applying),
            () -> held.getAsBoolean(),
            clock,
            this::onFailure);
    drainerMetrics.followApplying(longTransaction::now);
    this.syncWatch = new SyncWatch(clock, settings.node().syncedAfter());
  }

  /**
   * Starts everything. A start that fails leaves no node in the registry that looks alive.
   *
   * @throws OperatorException when something is wrong that the operator must change
   * @throws RetryableException when the cluster did not answer
   * @throws InterruptedException when a stop cut it short
   */
  void start(SinkFactories sinks) throws InterruptedException {
    try {
      startParts(sinks);
    } catch (InterruptedException | RuntimeException | Error e) {
      boolean interrupted = Thread.interrupted();
      leaveUnfinishedStart();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      throw e;
    }
  }

  private void startParts(SinkFactories sinks) throws InterruptedException {
    DataDirectory data = open(DataDirectory.open(settings.node().dataDir()));
    String nodeId = data.nodeId(settings.node().nodeId(), defaultNodeId());
    Tls tls = Tls.of(settings.node().security());
    ClusterConnection cluster =
        open(
            UpstreamGone.orElse(
                () -> ClusterConnection.open(settings.node().pdUrls(), tls, clock),
                () -> factory(sinks).finishWithoutUpstream(settings, data.folder(), clock)));
    Tso now = cluster.timeSource().next();
    syncWatch.upstreamTime(now);
    open(new UpstreamClock(cluster.timeSource(), syncWatch::upstreamTime, clock, this::onFailure))
        .start();
    DdlAirlock airlock =
        DdlAirlock.open(
            data.folder(), settings.to().onDdlError(), clock, drainerMetrics::ddlChosen);
    drainerMetrics.followAirlock(airlock);
    held = () -> airlock.state() == DdlAirlock.State.HELD;
    Target target =
        open(
            factory(sinks)
                .connect(
                    settings,
                    new SinkFactory.Surroundings(
                        cluster.clusterId(), now, data.folder(), clock, airlock, divergences)));
    Optional<Checkpoint> stored = target.checkpoints().load();
    FirstStart first =
        FirstStart.choose(
            stored,
            new FirstStart.Configured(settings.node().initialCommitTs()),
            data.folder(),
            now);
    startedAt = stored.map(Checkpoint::commitTs).orElse(first.commitTs());
    listen(nodeId, cluster, tls, airlock);
    register(nodeId, cluster, now);
    Pipeline running = startPipeline(cluster, target, data, first);
    pipeline.started(running);
    drainerMetrics.followInput(running::queued);
    open(new CheckpointTimer(running.checkpoint(), clock, this::onFailure)).start();
    open(longTransaction).start();
    startPush(nodeId);
    LOG.atInfo()
        .addKeyValue("node", nodeId)
        .addKeyValue("cluster", Long.toUnsignedString(cluster.clusterId()))
        .addKeyValue("start", startedAt)
        .log("drainer started");
  }

  private SinkFactory<DrainerSettings> factory(SinkFactories sinks) {
    DrainerSettings.DestType type = settings.syncer().destType();
    SinkFactory<DrainerSettings> factory = sinks.with(metrics).get(type);
    if (factory == null) {
      throw new OperatorException("db-type " + type + " is not part of this program");
    }
    return factory;
  }

  private void listen(String nodeId, ClusterConnection cluster, Tls tls, DdlAirlock airlock) {
    CisternService cistern = open(new CisternService(() -> refreshPumps(cluster)));
    DrainerHttp http =
        new DrainerHttp(
            nodeId,
            new DrainerHttp.View(
                this::pumps,
                this::checkpointTs,
                this::appliedTs,
                syncWatch::isSynced,
                () -> pipeline.now().map(Pipeline::queued).orElse(0),
                () -> DivergenceJson.of(settings.to().onDivergence(), divergences),
                longTransaction::now,
                airlock),
            life,
            this::announce,
            process);
    PortServer port =
        PortServer.builder("drainer")
            .listen(settings.node().addr())
            .tls(tls)
            .service(cistern)
            .routes(http.routes(metrics.route()))
            .start();
    opened.push(() -> port.shutdown(PORT_GRACE));
  }

  private void register(String nodeId, ClusterConnection cluster, Tso now)
      throws InterruptedException {
    Registration entry =
        open(
            new Registration(
                cluster.registry(),
                clock,
                now,
                nodeId,
                settings.node().advertiseAddr(),
                life,
                this::checkpointTs,
                this::onFailure));
    registration = Optional.of(entry);
    entry.open();
  }

  private Pipeline startPipeline(
      ClusterConnection cluster, Target target, DataDirectory data, FirstStart first)
      throws InterruptedException {
    Pipeline.Upstream upstream =
        new Pipeline.Upstream(
            cluster.registry(),
            cluster.schemaSource(),
            cluster.timeSource(),
            host ->
                Channels.openWithKeepAlive(
                    host, cluster.tls(), PUMP_KEEP_ALIVE_S, PUMP_KEEP_ALIVE_TIMEOUT_S));
    Pipeline.Plan plan = PipelinePlan.of(settings, cluster.clusterId(), data.folder(), first);
    try (SchemaHold held = SchemaHold.take(cluster, startedAt, clock)) {
      LOG.atDebug().addKeyValue("safePoint", held.ts()).log("schema is kept while it is read");
      return Pipeline.start(upstream, target, plan, this, clock);
    }
  }

  private void startPush(String nodeId) {
    DrainerSettings.Log to = settings.log();
    if (!to.metricsAddr().isEmpty() && !to.metricsInterval().isZero()) {
      open(Pushgateway.start(metrics, to.metricsAddr(), nodeId, to.metricsInterval()));
    }
  }

  private String defaultNodeId() {
    int port = Addresses.requireListen(settings.node().addr()).port();
    try {
      return InetAddress.getLocalHost().getHostName() + ":" + port;
    } catch (UnknownHostException e) {
      return "localhost:" + port;
    }
  }

  /**
   * A Pump may have registered after a starting pipeline read the list: it is told that it is part
   * of the merge only once that is so (I4).
   *
   * @throws RetryableException when the pipeline does not run yet; the Pump asks again
   */
  private void refreshPumps(ClusterConnection cluster) throws InterruptedException {
    pipeline.require(NOTIFY_WAIT).refreshPumps();
    LOG.atInfo().addKeyValue("ts", cluster.timeSource().next()).log("notified by a pump");
  }

  private List<MergeProgress> pumps() {
    return pipeline.now().map(Pipeline::pumps).orElse(List.of());
  }

  private Tso checkpointTs() {
    return pipeline
        .now()
        .map(Pipeline::checkpoint)
        .map(CheckpointKeeper::savedTs)
        .orElse(startedAt);
  }

  private Tso appliedTs() {
    return pipeline
        .now()
        .map(Pipeline::checkpoint)
        .map(CheckpointKeeper::acknowledgedTs)
        .orElse(startedAt);
  }

  @Override
  public void onReceived(PulledBinlog binlog) {
    drainerMetrics.received(binlog);
    syncWatch.received(binlog);
  }

  @Override
  public void onAcknowledged(SinkItem item) {
    Tso saved = checkpointTs();
    if (saved.isAfter(lastSaved)) {
      lastSaved = saved;
      drainerMetrics.savepoint();
    }
    drainerMetrics.acknowledged(item, saved);
    syncWatch.acknowledged(item);
  }

  @Override
  public void onFailure(Throwable cause) {
    synchronized (this) {
      if (failure.isPresent()) {
        return;
      }
      failure = Optional.of(cause);
    }
    drainerMetrics.failed(cause);
    process.requestStop(StopReason.FAILURE);
  }

  /**
   * Stops in order and leaves the right state in the registry.
   *
   * @return the exit code
   */
  int stop(StopReason why) throws InterruptedException {
    life.tryMove(why == StopReason.CLOSE ? NodeState.CLOSING : NodeState.PAUSING, why.name());
    Optional<Throwable> cause = failure;
    int code;
    try {
      code = stopPipeline(why, cause);
    } catch (RuntimeException e) {
      FailureText.log(LOG, e);
      code = FailureText.exitCode(e);
    }
    life.tryMove(OrderlyEnd.lastState(why, code), why.name());
    leave();
    return code;
  }

  private int stopPipeline(StopReason why, Optional<Throwable> cause) throws InterruptedException {
    Optional<Pipeline> running = pipeline.now();
    if (running.isEmpty()) {
      return cause.isPresent() ? 1 : 0;
    }
    if (cause.isPresent()) {
      FailureText.log(LOG, cause.get());
      running.get().abandon();
      return FailureText.exitCode(cause.get());
    }
    return OrderlyEnd.of(running.get().stop(OrderlyEnd.LIMIT), held.getAsBoolean()).exitCode(why);
  }

  /** What a start that does not come to its end leaves in the registry. Safe from any thread. */
  void leaveUnfinishedStart() {
    if (registration.filter(Registration::isAnnounced).isPresent()) {
      life.tryMove(NodeState.PAUSED, "start not finished");
      leave();
    }
  }

  private void announce() {
    registration.filter(Registration::isAnnounced).ifPresent(Registration::publish);
  }

  private void leave() {
    registration.ifPresent(Registration::close);
    try {
      announce();
    } catch (RetryableException e) {
      LOG.atError().addKeyValue("error", e.getMessage()).log("last state not registered");
    }
  }

  private <C extends AutoCloseable> C open(C part) {
    opened.push(part);
    return part;
  }

  /** Releases everything, last opened first. */
  @Override
  public void close() {
    while (!opened.isEmpty()) {
      try {
        opened.pop().close();
      } catch (Exception e) {
        LOG.atWarn().addKeyValue("error", e).log("part not closed cleanly");
      }
    }
  }
}
