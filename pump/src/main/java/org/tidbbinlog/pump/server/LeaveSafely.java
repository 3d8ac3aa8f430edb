package org.tidbbinlog.pump.server;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.registry.NodeKind;
import org.tidbbinlog.cluster.registry.NodeListing;
import org.tidbbinlog.cluster.registry.NodeRegistry;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.cluster.registry.NodeStatus;
import org.tidbbinlog.pump.storage.BinlogStore;

/**
 * Waits until nobody needs this Pump any more: no transaction is open on it, and every Drainer that
 * is not offline has consumed what it holds; one whose entry in the registry cannot be read may not
 * have. Waits for as long as that takes, or until told to give up. Source: pump section 10.
 */
final class LeaveSafely {
  private static final Logger LOG = LoggerFactory.getLogger(LeaveSafely.class);
  private static final Duration STEP = Duration.ofSeconds(1);

  private final BinlogStore store;
  private final NodeRegistry registry;
  private final FakeBinlogs fakes;
  private final Clock clock;

  private final BooleanSupplier giveUp;

  LeaveSafely(
      BinlogStore store,
      NodeRegistry registry,
      FakeBinlogs fakes,
      Clock clock,
      BooleanSupplier giveUp) {
    this.giveUp = giveUp;
    this.store = store;
    this.registry = registry;
    this.fakes = fakes;
    this.clock = clock;
  }

  /** How the wait ended. */
  enum Outcome {
    NOBODY_NEEDS_IT,
    GAVE_UP
  }

  Outcome await() throws InterruptedException {
    Tso mark = writeFake();
    while (store.maxCommitTs().isBefore(mark) || store.unmatchedCount() > 0) {
      if (giveUp.getAsBoolean()) {
        return Outcome.GAVE_UP;
      }
      LOG.atInfo()
          .addKeyValue("max commit ts", store.maxCommitTs())
          .addKeyValue("unmatched", store.unmatchedCount())
          .log("leaving waits for open transactions");
      clock.sleep(STEP);
    }
    Tso last = store.maxCommitTs();
    while (!consumed(last)) {
      if (giveUp.getAsBoolean()) {
        return Outcome.GAVE_UP;
      }
      writeFake();
      clock.sleep(STEP);
    }
    LOG.atInfo().addKeyValue("max commit ts", last).log("every drainer has consumed this pump");
    return Outcome.NOBODY_NEEDS_IT;
  }

  private Tso writeFake() throws InterruptedException {
    while (true) {
      try {
        return giveUp.getAsBoolean() ? Tso.MAX : fakes.write();
      } catch (RetryableException e) {
        LOG.atWarn().addKeyValue("error", e.getMessage()).log("fake binlog failed, trying again");
        clock.sleep(STEP);
      }
    }
  }

  private boolean consumed(Tso last) {
    try {
      NodeListing drainers = registry.listing(NodeKind.DRAINER);
      if (!drainers.unreadable().isEmpty()) {
        LOG.atWarn()
            .addKeyValue("keys", drainers.unreadable())
            .log("leaving waits for registry entries of drainers that cannot be read");
        return false;
      }
      for (NodeStatus drainer : drainers.nodes()) {
        if (drainer.state() != NodeState.OFFLINE && drainer.maxCommitTs().isBefore(last)) {
          LOG.atWarn()
              .addKeyValue("drainer", drainer.nodeId())
              .addKeyValue("state", drainer.state())
              .addKeyValue("checkpoint", drainer.maxCommitTs())
              .addKeyValue("wanted", last)
              .log("leaving waits for a drainer");
          return false;
        }
      }
      return true;
    } catch (RetryableException e) {
      LOG.atWarn().addKeyValue("error", e.getMessage()).log("drainers cannot be listed");
      return false;
    }
  }
}
