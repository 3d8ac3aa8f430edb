package org.tidbbinlog.pump.server;

import java.time.Duration;
import java.util.Optional;
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
import org.tidbbinlog.cluster.time.TimeSource;

/**
 * What this Pump tells the registry about itself. Writes are one at a time, so that a late
 * heartbeat cannot cover a newer state. Source: registry sections 3 and 4.
 */
final class Registration {
  private static final Logger LOG = LoggerFactory.getLogger(Registration.class);
  private static final Duration WATCH_STEP = Duration.ofMillis(500);

  private final NodeRegistry registry;
  private final TimeSource time;
  private final Clock clock;
  private final String nodeId;
  private final String host;
  private final Supplier<Tso> maxCommitTs;
  private final ApproximateTime approximate;
  private boolean closed;

  Registration(
      NodeRegistry registry,
      TimeSource time,
      Clock clock,
      String nodeId,
      String host,
      Supplier<Tso> maxCommitTs) {
    this.registry = registry;
    this.time = time;
    this.clock = clock;
    this.nodeId = nodeId;
    this.host = host;
    this.maxCommitTs = maxCommitTs;
    this.approximate = new ApproximateTime(clock);
  }

  /** What the registry says of this node id now. */
  Optional<NodeStatus> find() {
    return registry.find(NodeKind.PUMP, nodeId);
  }

  /**
   * Two processes with one node id would overwrite each other for good. An entry of another address
   * whose update time moves within {@code watchFor} belongs to a living process.
   */
  void requireUnclaimed(NodeStatus found, Duration watchFor) throws InterruptedException {
    if (found.host().equals(host) || found.state() == NodeState.OFFLINE) {
      return;
    }
    LOG.atWarn()
        .addKeyValue("node", nodeId)
        .addKeyValue("registered", found.host())
        .addKeyValue("own", host)
        .log("node id is registered at another address, watching whether that process lives");
    long endNs = clock.nanoTime() + watchFor.toNanos();
    while (clock.nanoTime() < endNs) {
      clock.sleep(WATCH_STEP);
      NodeStatus now = find().orElse(found);
      if (now.updateTs().isAfter(found.updateTs()) && !now.host().equals(host)) {
        throw new OperatorException(
            "node id "
                + nodeId
                + " is in use by a living pump at "
                + now.host()
                + ": give this one another -node-id (and data-dir), or stop that one first");
      }
    }
  }

  /** A heartbeat: the state as it is once it is this write's turn. */
  synchronized void beat(Supplier<NodeState> state) throws InterruptedException {
    if (!closed) {
      publish(state.get());
    }
  }

  /** The last word; heartbeats that come later are not written. */
  synchronized void publishLast(NodeState state) throws InterruptedException {
    closed = true;
    publish(state);
  }

  /** Writes the entry with {@code state} and a fresh time. */
  synchronized void publish(NodeState state) throws InterruptedException {
    registry.put(
        new NodeStatus(NodeKind.PUMP, nodeId, host, state, maxCommitTs.get(), approximateNow()));
  }

  /** PD's time; without PD the last one known plus what has passed since. */
  private Tso approximateNow() throws InterruptedException {
    try {
      approximate.seen(time.next());
    } catch (RetryableException e) {
      LOG.atDebug().addKeyValue("error", e.getMessage()).log("no fresh timestamp");
    }
    return approximate.now();
  }
}
