package org.tidbbinlog.pump.storage;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Tso;

/**
 * Deletes whole files that nothing above the mark needs: the oldest finished segments whose records
 * are 600 s older than the mark, as long as no transaction that is still pulled or sorted has its
 * Prewrite there, and order-log files at or below the mark. Source: pump section 9.
 */
final class GarbageCollector {
  static final long SLACK_MS = 600_000;
  private static final Logger LOG = LoggerFactory.getLogger(GarbageCollector.class);

  private final ValueLog values;
  private final OrderLog order;
  private final StateKeeper keeper;
  private final StoreObserver observer;
  private final AtomicBoolean running = new AtomicBoolean();
  private final AtomicLong mark = new AtomicLong();

  GarbageCollector(ValueLog values, OrderLog order, StateKeeper keeper, StoreObserver observer) {
    this.values = values;
    this.order = order;
    this.keeper = keeper;
    this.observer = observer;
  }

  GcOutcome collect(Tso upTo, Supplier<Tso> allowed, Tso maxCommitTs) throws IOException {
    boolean further = upTo.isAfter(new Tso(keeper.gcTs())) && maxCommitTs.isAfter(upTo);
    if (!further && values.leaving().isEmpty()) {
      return GcOutcome.IGNORED;
    }
    if (!running.compareAndSet(false, true)) {
      raise(upTo);
      return GcOutcome.ALREADY_RUNNING;
    }
    try {
      // Not what a collection that failed was told: that may be allowed no longer.
      mark.set(0);
      if (!further) {
        deleteFiles();
        return GcOutcome.IGNORED;
      }
      raise(upTo);
      Tso reached;
      boolean done = false;
      do {
        reached = new Tso(mark.get());
        done |= run(reached, allowed);
      } while (mark.get() != reached.value());
      return done ? GcOutcome.DONE : GcOutcome.IGNORED;
    } finally {
      running.set(false);
    }
  }

  private void raise(Tso upTo) {
    mark.accumulateAndGet(upTo.value(), (one, two) -> new Tso(one).max(new Tso(two)).value());
  }

  /** False when nothing may go any more. */
  private boolean run(Tso wanted, Supplier<Tso> allowed) throws IOException {
    Tso upTo;
    List<ValueSegment> collected;
    long orderFirst;
    Tso now = wanted;
    do {
      upTo = now;
      if (!upTo.isAfter(new Tso(keeper.gcTs()))) {
        LOG.atInfo()
            .addKeyValue("wanted", wanted)
            .addKeyValue("allowed", upTo)
            .log("garbage collection given up, a drainer needs what was to go");
        return false;
      }
      collected = collectable(upTo);
      orderFirst = order.firstSegmentAbove(upTo.value());
      now = allowed.get().min(upTo);
    } while (now.isBefore(upTo));
    keeper.saveCollection(upTo.value(), collected, orderFirst);
    try {
      deleteFiles();
    } finally {
      order.trim(orderFirst);
    }
    LOG.atInfo()
        .addKeyValue("gcTs", upTo)
        .addKeyValue("segments", collected.size())
        .log("garbage collection done");
    return true;
  }

  /** Also those that an earlier run could not delete. */
  private void deleteFiles() throws IOException {
    for (ValueSegment segment : values.leaving()) {
      try {
        values.delete(segment);
      } catch (IOException e) {
        LOG.atError()
            .addKeyValue("file", segment.name())
            .addKeyValue("reason", String.valueOf(e.getMessage()))
            .log("collected segment not deleted");
        continue;
      }
      observer.segmentCollected(segment.end());
      LOG.atInfo()
          .addKeyValue("file", segment.name())
          .addKeyValue("bytes", segment.end())
          .log("segment collected");
    }
    int left = values.leaving().size();
    if (left > 0) {
      throw new IOException(left + " collected files not deleted, the next collection tries again");
    }
  }

  /** A prefix of the log, so that a missing file in the middle is always an error. */
  private List<ValueSegment> collectable(Tso upTo) {
    Tso limit = Tso.of(Math.max(0, upTo.physicalMs() - SLACK_MS), 0);
    int firstInUse = LogPointer.segment(keeper.current().replayFrom());
    List<ValueSegment> collected = new ArrayList<>();
    for (ValueSegment segment : values.segments()) {
      boolean old =
          segment.isFinished()
              && !new Tso(segment.maxTs()).isAfter(limit)
              && !new Tso(segment.neededUntil()).isAfter(upTo);
      if (!old || segment.id() >= firstInUse) {
        break;
      }
      collected.add(segment);
    }
    return collected;
  }
}
