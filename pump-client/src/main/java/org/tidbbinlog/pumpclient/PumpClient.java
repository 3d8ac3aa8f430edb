package org.tidbbinlog.pumpclient;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.ManagedChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.ClusterConnection;
import org.tidbbinlog.cluster.registry.NodeKind;
import org.tidbbinlog.cluster.registry.NodeRegistry;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.cluster.registry.NodeStatus;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.codec.binlog.BinlogKind;
import org.tidbbinlog.node.net.Channels;
import org.tidbbinlog.wire.pump.WriteBinlogReq;

/**
 * Writes binlogs to Pumps as TiDB does.
 *
 * <p>For each transaction: write its Prewrite and wait for it, only then ask PD for the commit
 * timestamp; when it committed, write {@link Binlog#commitOf}, when it surely did not, {@link
 * Binlog#rollbackOf}. The client sends both records of a transaction to the same Pump.
 *
 * <pre>{@code
 * try (ClusterConnection cluster = ClusterConnection.open(urls, Tls.plaintext(), Clock.system());
 *     PumpClient pumps = PumpClient.open(cluster, PumpClientSettings.defaults())) {
 *   Binlog prewrite = Binlog.prewrite(startTs, primaryKey, mutations);
 *   pumps.write(prewrite);
 *   Tso commitTs = cluster.timeSource().next();
 *   ...
 *   pumps.writeAsync(Binlog.commitOf(prewrite, commitTs));
 * }
 * }</pre>
 *
 * Safe for use by many threads. Source: pump-client.
 */
public final class PumpClient implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PumpClient.class);
  private static final int MAX_REMEMBERED = 1_000_000;
  private static final String LOCAL_PUMP = "localPump";

  private final long clusterId;
  private final WriteContext on;
  private final Semaphore prewrites;
  private final Map<Long, CompletableFuture<Void>> underWay = new ConcurrentHashMap<>();
  private final AtomicLong writes = new AtomicLong();
  private Optional<NodeRegistry.Watching> watching = Optional.empty();
  private volatile boolean closed;

  /**
   * Learns the Pumps from the registry, or uses the settings' unix socket.
   *
   * @throws OperatorException {@code no pump found in pd} when none is registered in any state
   * @throws RetryableException when the registry did not answer
   */
  public static PumpClient open(ClusterConnection cluster, PumpClientSettings settings) {
    if (!settings.socketPath().isEmpty()) {
      return openSocket(cluster.clusterId(), settings, cluster.clock());
    }
    return open(
        cluster.clusterId(),
        cluster.registry(),
        address -> Channels.open(address, cluster.tls()),
        settings,
        cluster.clock(),
        new Random());
  }

  /** Writes to the Pump behind the settings' unix socket; neither PD nor registry are needed. */
  public static PumpClient openSocket(long clusterId, PumpClientSettings settings, Clock clock) {
    PumpClient client =
        new PumpClient(
            clusterId, path -> Channels.openUnix(Path.of(path)), settings, clock, new Random());
    client.on.pumps().update(List.of(localPump(settings.socketPath())));
    return client;
  }

  private static NodeStatus localPump(String path) {
    return new NodeStatus(NodeKind.PUMP, LOCAL_PUMP, path, NodeState.ONLINE, Tso.ZERO, Tso.ZERO);
  }

  static PumpClient open(
      long clusterId,
      NodeRegistry registry,
      Function<String, ManagedChannel> dial,
      PumpClientSettings settings,
      Clock clock,
      RandomGenerator random) {
    List<NodeStatus> nodes = registry.list(NodeKind.PUMP);
    if (nodes.isEmpty()) {
      throw new OperatorException("no pump found in pd");
    }
    PumpClient client = new PumpClient(clusterId, dial, settings, clock, random);
    client.on.pumps().update(nodes);
    client.watching =
        Optional.of(registry.watch(NodeKind.PUMP, list -> client.on.pumps().update(list)));
    client.startProbing();
    return client;
  }

  private PumpClient(
      long clusterId,
      Function<String, ManagedChannel> dial,
      PumpClientSettings settings,
      Clock clock,
      RandomGenerator random) {
    this.clusterId = clusterId;
    this.prewrites = new Semaphore(settings.maxPrewrites());
    this.on =
        new WriteContext(
            settings,
            new PumpSet(
                settings.strategy(),
                settings.socketPath().isEmpty()
                    ? PumpSet.Avoiding.FAILING_PUMPS
                    : PumpSet.Avoiding.NONE,
                random,
                dial,
                clock),
            new TransactionMemory(MAX_REMEMBERED),
            clock,
            timer(),
            new AtomicInteger());
  }

  /**
   * Writes one record and waits. A Prewrite that returns is durable on its Pump; Commits and
   * Rollbacks always return in the end.
   *
   * @throws NoPumpException when no Pump is online
   * @throws WriteFailedException when all Pumps failed for the write timeout
   * @throws BinlogTooLargeException when the Pump takes no message of this size
   */
  public void write(Binlog binlog) throws InterruptedException {
    try {
      writeAsync(binlog).get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException(e);
    }
  }

  /**
   * As {@link #write}, without waiting for the result; waits only while {@code maxPrewrites} are
   * under way.
   */
  public CompletableFuture<Void> writeAsync(Binlog binlog) throws InterruptedException {
    if (closed) {
      return CompletableFuture.failedFuture(new RetryableException("pump client is closed"));
    }
    CompletableFuture<Void> result =
        binlog.kind() == BinlogKind.PREWRITE ? prewrite(binlog) : finish(binlog);
    long number = writes.incrementAndGet();
    underWay.put(number, result);
    var unused = result.whenComplete((none, failure) -> underWay.remove(number));
    return result;
  }

  /** How this client sees the Pumps, by node id. */
  public List<PumpView> pumps() {
    return on.pumps().views();
  }

  /** Transactions whose Prewrite was written and whose end was not. */
  public int openTransactions() {
    return on.memory().size();
  }

  /** Writes under way fail. */
  @Override
  public void close() {
    closed = true;
    watching.ifPresent(NodeRegistry.Watching::close);
    on.timer().shutdownNow();
    on.pumps().close();
    underWay
        .values()
        .forEach(
            write -> write.completeExceptionally(new RetryableException("pump client is closed")));
  }

  private CompletableFuture<Void> prewrite(Binlog binlog) throws InterruptedException {
    WriteBinlogReq request = request(binlog);
    prewrites.acquire();
    CompletableFuture<Void> result = new PrewriteCall(on, binlog.startTs(), request).start();
    var unused = result.whenComplete((none, failure) -> prewrites.release());
    return result;
  }

  private CompletableFuture<Void> finish(Binlog binlog) {
    Optional<Pump> pump =
        on.settings().socketPath().isEmpty()
            ? on.memory().recall(binlog.startTs())
            : on.pumps().online().stream().findFirst();
    if (pump.isEmpty()) {
      LOG.atWarn()
          .addKeyValue("startTs", binlog.startTs())
          .addKeyValue("kind", binlog.kind())
          .log("[pumps client] no pump has the prewrite of this transaction, nothing sent");
      return CompletableFuture.completedFuture(null);
    }
    return new FinishCall(on, binlog.startTs(), pump.get(), request(binlog)).start();
  }

  private WriteBinlogReq request(Binlog binlog) {
    ByteString payload = UnsafeByteOperations.unsafeWrap(binlog.encode());
    return WriteBinlogReq.newBuilder().setClusterID(clusterId).setPayload(payload).build();
  }

  private void startProbing() {
    Duration every = on.settings().probeInterval();
    var unused =
        on.timer()
            .scheduleWithFixedDelay(
                this::probe, every.toNanos(), every.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** An empty payload asks for nothing but an answer. */
  private void probe() {
    WriteBinlogReq empty = WriteBinlogReq.newBuilder().setClusterID(clusterId).build();
    for (Pump pump : on.pumps().avoided()) {
      var unused =
          pump.send(empty, on.settings().writeTimeout())
              .thenAccept(
                  reply -> {
                    if (reply.isOk()) {
                      on.pumps().revive(pump);
                    }
                  });
    }
  }

  private static ScheduledExecutorService timer() {
    return Executors.newSingleThreadScheduledExecutor(
        task -> {
          Thread thread = new Thread(task, "pumpclient-timer-1");
          thread.setDaemon(true);
          return thread;
        });
  }
}
