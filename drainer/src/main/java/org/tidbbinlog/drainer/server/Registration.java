package org.tidbbinlog.drainer.server;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.registry.NodeKind;
import org.tidbbinlog.cluster.registry.NodeRegistry;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.cluster.registry.NodeStatus;
import org.tidbbinlog.cluster.time.ApproximateTime;
import org.tidbbinlog.node.process.DaemonThread;

/**
 * This Drainer's entry in the registry, written again every second; after twenty failures in a row
 * the Drainer gives up. Writes are one at a time, so that a late heartbeat cannot cover a newer
 * state. Source: drainer section 4, registry section 4.
 */
final class Registration implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Registration.class);
  private static final Duration HEARTBEAT = Duration.ofSeconds(1);
  private static final Duration WATCH_STEP = Duration.ofMillis(500);
  private static final Duration WATCH_LIMIT = Duration.ofSeconds(4);
  private static final int MAX_FAILURES = 20;

  private final NodeRegistry registry;
  private final Clock clock;
  private final ApproximateTime approximate;
  private final String nodeId;
  private final String host;
  private final NodeLife life;
  private final Supplier<Tso> checkpoint;
  private final Thread thread;
  private volatile boolean announced;

  /**
   * @param host advertised {@code host:port}
   * @param onLost told when the registry took no heartbeat for too long
   */
  Registration(
      NodeRegistry registry,
      Clock clock,
      Tso now,
      String nodeId,
      String host,
      NodeLife life,
      Supplier<Tso> checkpoint,
      Consumer<Throwable> onLost) {
    this.registry = registry;
    this.clock = clock;
    this.approximate = new ApproximateTime(clock);
    this.approximate.seen(now);
    this.nodeId = nodeId;
    this.host = host;
    this.life = life;
    this.checkpoint = checkpoint;
    this.thread = DaemonThread.named("drainer-heartbeat-0", this::run, onLost);
  }

  /** Registers; throws when another living process has this node id. */
  void open() throws InterruptedException {
    Optional<NodeStatus> found = registry.find(NodeKind.DRAINER, nodeId);
    if (found.isPresent()) {
      requireUnclaimed(found.get());
    }
    publish();
    thread.start();
  }

  private void requireUnclaimed(NodeStatus found) throws InterruptedException {
    boolean claimed = !found.host().equals(host) && found.state() == NodeState.ONLINE;
    long endNanos = clock.nanoTime() + WATCH_LIMIT.toNanos();
    while (claimed && clock.nanoTime() < endNanos) {
      clock.sleep(WATCH_STEP);
      NodeStatus now = registry.find(NodeKind.DRAINER, nodeId).orElse(found);
      if (now.updateTs().isAfter(found.updateTs())) {
        throw new OperatorException(
            "node id "
                + nodeId
                + " is in use by a living drainer at "
                + now.host()
                + ": give this one another -node-id and data-dir, or stop that one first");
      }
    }
  }

  /** Whether the registry may know this process; before that the entry is another's, if any. */
  boolean isAnnounced() {
    return announced;
  }

  /** Writes the entry as it is now. */
  synchronized void publish() {
    announced = true;
    registry.put(
        new NodeStatus(
            NodeKind.DRAINER, nodeId, host, life.state(), checkpoint.get(), approximate.now()));
  }

  private void run() throws InterruptedException {
    int failures = 0;
    while (true) {
      clock.sleep(HEARTBEAT);
      try {
        publish();
        failures = 0;
      } catch (RetryableException e) {
        failures++;
        LOG.atWarn()
            .addKeyValue("failures", failures)
            .addKeyValue("error", e.getMessage())
            .log("heartbeat not written");
        if (failures == MAX_FAILURES) {
          throw new OperatorException(
              "the registry took no heartbeat " + MAX_FAILURES + " times: " + e.getMessage(), e);
        }
      }
    }
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join(HEARTBEAT.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
