package org.tidbbinlog.pump.server;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.registry.NodeKind;
import org.tidbbinlog.cluster.registry.NodeRegistry;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.cluster.registry.NodeStatus;
import org.tidbbinlog.pump.storage.BinlogStore;

/** Warns before a Drainer falls behind what is kept. Source: pump section 8. */
final class LagCheck {
  private static final Logger LOG = LoggerFactory.getLogger(LagCheck.class);
  private static final Duration MARGIN = Duration.ofHours(20);

  private final BinlogStore store;
  private final NodeRegistry registry;
  private final PumpMetrics metrics;

  LagCheck(BinlogStore store, NodeRegistry registry, PumpMetrics metrics) {
    this.store = store;
    this.registry = registry;
    this.metrics = metrics;
  }

  void check() {
    Tso gcTs = store.gcTs();
    if (gcTs.isZero()) {
      return;
    }
    Tso alarm = Tso.of(gcTs.physicalMs() + MARGIN.toMillis(), 0);
    for (NodeStatus drainer : registry.list(NodeKind.DRAINER)) {
      if (drainer.state() != NodeState.OFFLINE && drainer.maxCommitTs().isBefore(alarm)) {
        metrics.drainerNearPurge(drainer.nodeId());
        LOG.atError()
            .addKeyValue("drainer", drainer.nodeId())
            .addKeyValue("checkpoint", drainer.maxCommitTs())
            .addKeyValue("gc ts", gcTs)
            .log("drainer is close to binlogs that are collected");
      }
    }
  }
}
