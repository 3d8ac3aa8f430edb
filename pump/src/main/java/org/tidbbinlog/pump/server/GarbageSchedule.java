package org.tidbbinlog.pump.server;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.registry.NodeKind;
import org.tidbbinlog.cluster.registry.NodeRegistry;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.cluster.registry.NodeStatus;
import org.tidbbinlog.pump.storage.BinlogStore;
import org.tidbbinlog.pump.storage.GcOutcome;

/**
 * How far garbage collection may go: what is older than {@code keep}, but never past the slowest
 * Drainer that is not offline (I8), unless it is older than {@code hardCap}. Source: pump section
 * 9.
 */
public final class GarbageSchedule {
  private static final Logger LOG = LoggerFactory.getLogger(GarbageSchedule.class);

  private final BinlogStore store;
  private final NodeRegistry registry;
  private final Clock clock;
  private final Duration keep;
  private final Duration hardCap;

  /**
   * @param hardCap zero = a lagging Drainer holds data back for as long as it takes
   */
  public GarbageSchedule(
      BinlogStore store, NodeRegistry registry, Clock clock, Duration keep, Duration hardCap) {
    this.store = store;
    this.registry = registry;
    this.clock = clock;
    this.keep = keep;
    this.hardCap = hardCap;
  }

  /** Collects what may go now. */
  public void collect() {
    Tso upTo = target();
    if (upTo.isZero()) {
      return;
    }
    GcOutcome outcome = store.collectGarbage(upTo);
    LOG.atInfo()
        .addKeyValue("up to", upTo)
        .addKeyValue("time", upTo.instant())
        .addKeyValue("outcome", outcome)
        .log("garbage collection");
  }

  /** Zero when a Drainer has not consumed anything yet. */
  Tso target() {
    Tso byTime = before(keep);
    Tso consumed = slowestDrainer();
    Tso safe = byTime.min(consumed);
    if (safe.isBefore(byTime)) {
      LOG.atWarn()
          .addKeyValue("wanted", byTime)
          .addKeyValue("consumed", consumed)
          .log("a lagging drainer holds back garbage collection");
    }
    return hardCap.isZero() ? safe : safe.max(byTime.min(before(hardCap)));
  }

  private Tso before(Duration age) {
    return Tso.at(clock.now().minus(age));
  }

  /** The largest timestamp when there is no Drainer. */
  private Tso slowestDrainer() {
    return registry.list(NodeKind.DRAINER).stream()
        .filter(drainer -> drainer.state() != NodeState.OFFLINE)
        .map(NodeStatus::maxCommitTs)
        .min(Tso::compareTo)
        .orElse(Tso.MAX);
  }
}
