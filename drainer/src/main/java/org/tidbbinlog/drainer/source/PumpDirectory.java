package org.tidbbinlog.drainer.source;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.registry.NodeKind;
import org.tidbbinlog.cluster.registry.NodeRegistry;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.cluster.registry.NodeStatus;
import org.tidbbinlog.drainer.merge.Merger;
import org.tidbbinlog.node.process.DaemonThread;

/**
 * Keeps one source for every Pump that is not offline, as the registry changes: by watching it, by
 * reading it again every detect interval, and when a new Pump asks for it (Notify).
 *
 * <p>A paused Pump stays in the merge and holds it back; an offline one leaves it. A Pump that
 * joins later is pulled from where this process began, so that data which should have been
 * replicated already is found and reported instead of skipped (I9). Source: drainer section 7.
 */
public final class PumpDirectory implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PumpDirectory.class);

  private final NodeRegistry registry;
  private final Merger<PulledBinlog> merger;
  private final PumpDialer dialer;
  private final SourceSettings settings;
  private final Clock clock;
  private final Consumer<PulledBinlog> observer;
  private final Tso start;
  private final Map<String, PumpSource> sources = new TreeMap<>();
  private final Map<String, Tso> left = new TreeMap<>();
  private final Thread thread;
  private final Duration detectInterval;
  private NodeRegistry.Watching watching = () -> {};
  private boolean opened;
  private boolean closed;

  /**
   * @param start where this process began: everything up to here is at the target
   * @param observer told of every binlog received, on gRPC's threads
   */
  public PumpDirectory(
      NodeRegistry registry,
      Merger<PulledBinlog> merger,
      PumpDialer dialer,
      SourceSettings settings,
      Tso start,
      Duration detectInterval,
      Clock clock,
      Consumer<PulledBinlog> observer) {
    this.registry = registry;
    this.merger = merger;
    this.dialer = dialer;
    this.settings = settings;
    this.start = start;
    this.detectInterval = detectInterval;
    this.clock = clock;
    this.observer = observer;
    this.thread = DaemonThread.named("drainer-directory-0", this::run, this::failed);
  }

  /**
   * Reads the list of Pumps, opens the merge and begins to follow.
   *
   * @throws RetryableException when the registry did not answer
   */
  public void open() {
    refresh();
    synchronized (this) {
      opened = true;
    }
    merger.open();
    watching = registry.watch(NodeKind.PUMP, this::apply);
    thread.start();
  }

  /** Reads the list now; when this returns, new Pumps are part of the merge. */
  public void refresh() {
    apply(registry.list(NodeKind.PUMP));
  }

  @Override
  public void close() {
    watching.close();
    thread.interrupt();
    synchronized (this) {
      closed = true;
      sources.values().forEach(PumpSource::close);
    }
  }

  private void run() throws InterruptedException {
    while (true) {
      clock.sleep(detectInterval);
      try {
        refresh();
      } catch (RetryableException e) {
        LOG.atWarn().addKeyValue("error", e.getMessage()).log("pump list not read");
      }
    }
  }

  private void failed(Throwable cause) {
    merger.fail(DaemonThread.unchecked(cause));
  }

  private synchronized void apply(List<NodeStatus> pumps) {
    if (closed) {
      return;
    }
    for (NodeStatus pump : pumps) {
      PumpSource source = sources.get(pump.nodeId());
      if (source == null) {
        if (pump.state() == NodeState.OFFLINE) {
          tellOffline(pump);
        } else {
          join(pump);
        }
      } else {
        follow(pump, source);
      }
    }
  }

  private void join(NodeStatus pump) {
    Tso from = left.getOrDefault(pump.nodeId(), start);
    LOG.atInfo()
        .addKeyValue("pump", pump.nodeId())
        .addKeyValue("host", pump.host())
        .addKeyValue("state", pump.state())
        .addKeyValue("from", from)
        .log("pump joins the merge");
    PumpSource source =
        new PumpSource(
            merger.add(pump.nodeId(), from),
            pump.host(),
            opened ? PumpSource.Presence.JOINED_LATER : PumpSource.Presence.FROM_START,
            dialer,
            settings,
            clock,
            observer,
            this::failed);
    if (pump.state() == NodeState.PAUSED) {
      source.pause();
    }
    sources.put(pump.nodeId(), source);
    source.start();
  }

  private void follow(NodeStatus pump, PumpSource source) {
    source.address(pump.host());
    switch (pump.state()) {
      case ONLINE -> source.resume();
      case PAUSED -> source.pause();
      case PAUSING, CLOSING -> LOG.atDebug().addKeyValue("pump", pump.nodeId()).log("pump stops");
      case OFFLINE -> leave(pump, source);
    }
  }

  private void leave(NodeStatus pump, PumpSource source) {
    Tso received = source.received();
    source.close();
    sources.remove(pump.nodeId());
    left.put(pump.nodeId(), received);
    merger.remove(pump.nodeId());
    LOG.atInfo()
        .addKeyValue("pump", pump.nodeId())
        .addKeyValue("received", received)
        .log("pump left the merge");
    if (pump.maxCommitTs().isAfter(received)) {
      warnOfLoss(pump, received);
    }
  }

  private void tellOffline(NodeStatus pump) {
    boolean first = left.putIfAbsent(pump.nodeId(), start) == null;
    if (first && pump.maxCommitTs().isAfter(start)) {
      warnOfLoss(pump, start);
    }
  }

  private static void warnOfLoss(NodeStatus pump, Tso received) {
    LOG.atWarn()
        .addKeyValue("pump", pump.nodeId())
        .addKeyValue("after", received)
        .addKeyValue("upTo", pump.maxCommitTs())
        .log("pump is marked offline: what it holds in this range is not replicated");
  }
}
