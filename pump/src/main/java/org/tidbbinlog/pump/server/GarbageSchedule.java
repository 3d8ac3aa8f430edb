package org.tidbbinlog.pump.server;

import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.registry.NodeKind;
import org.tidbbinlog.cluster.registry.NodeListing;
import org.tidbbinlog.cluster.registry.NodeRegistry;
import org.tidbbinlog.pump.storage.BinlogStore;
import org.tidbbinlog.pump.storage.GcOutcome;
import org.tidbbinlog.pump.storage.SegmentInfo;

/**
 * How far garbage collection may go: what is older than {@code keep}, but never past the slowest
 * Drainer that is not offline (I8), unless it is older than {@code hardCap}. A Drainer whose entry
 * in the registry cannot be read may be the slowest. Source: pump section 9.
 */
public final class GarbageSchedule {
  private static final Logger LOG = LoggerFactory.getLogger(GarbageSchedule.class);

  private final BinlogStore store;
  private final NodeRegistry registry;
  private final Clock clock;
  private final Duration keep;
  private final Duration hardCap;
  private final long maxBytes;

  /**
   * @param hardCap zero = a lagging Drainer holds data back for as long as it takes
   * @param maxBytes of value log above which the oldest goes before its time; zero = no bound
   */
  public GarbageSchedule(
      BinlogStore store,
      NodeRegistry registry,
      Clock clock,
      Duration keep,
      Duration hardCap,
      long maxBytes) {
    this.store = store;
    this.registry = registry;
    this.clock = clock;
    this.keep = keep;
    this.hardCap = hardCap;
    this.maxBytes = maxBytes;
  }

  /** Collects what may go now; a Drainer that comes back meanwhile is still heeded. */
  public void collect() {
    Tso upTo = target();
    if (upTo.isZero()) {
      return;
    }
    GcOutcome outcome = store.collectGarbage(upTo, () -> plan().target());
    LOG.atInfo()
        .addKeyValue("up to", upTo)
        .addKeyValue("time", upTo.instant())
        .addKeyValue("outcome", outcome)
        .log("garbage collection");
  }

  /** Zero when a Drainer has not consumed anything yet. */
  Tso target() {
    RetentionPlan plan = plan();
    if (plan.isHeldBack()) {
      LOG.atWarn()
          .addKeyValue("wanted", plan.wanted())
          .addKeyValue("consumed", plan.safe())
          .addKeyValue("drainer", plan.heldBy())
          .log("a lagging drainer holds back garbage collection");
    }
    return plan.target();
  }

  /** What may go now, and who holds back what. */
  RetentionPlan plan() {
    NodeListing drainers = registry.listing(NodeKind.DRAINER);
    Tso newest = store.maxCommitTs();
    Tso forced = hardCap.isZero() ? Tso.ZERO : before(hardCap, newest);
    return RetentionPlan.of(
        before(keep, newest), forced, newest, maxBytes, drainers, store.segments());
  }

  /** There is more than the bound on size allows, and some of it may go. */
  boolean isDueBySize() {
    return isTooLarge() && plan().target().isAfter(store.gcTs());
  }

  private boolean isTooLarge() {
    return maxBytes > 0 && store.segments().stream().mapToLong(SegmentInfo::bytes).sum() > maxBytes;
  }

  /** Age counts from PD's time where this machine's clock is ahead of it. */
  private Tso before(Duration age, Tso newest) {
    Instant now = clock.now();
    Instant known = newest.instant();
    return Tso.at((known.isBefore(now) ? known : now).minus(age));
  }
}
