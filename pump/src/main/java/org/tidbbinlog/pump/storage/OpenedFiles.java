package org.tidbbinlog.pump.storage;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;

/**
 * Everything on disk, recovered and agreeing with itself.
 *
 * @param maxCommitTs unsigned; everything at or below is in the order log
 */
record OpenedFiles(
    ValueLog values,
    OrderLog order,
    StateKeeper keeper,
    DamagedStretches.Acknowledged acknowledged,
    long maxCommitTs,
    long skippedBytes) {
  private static final Logger LOG = LoggerFactory.getLogger(OpenedFiles.class);

  static OpenedFiles open(Disk disk, StoreSettings settings, Clock clock) throws IOException {
    long started = clock.nanoTime();
    StateFile stateFile = new StateFile(disk);
    Recovery.Outcome found = Recovery.open(disk, settings, stateFile.load());
    OrderRecovery orders = new OrderRecovery(disk, settings.orderSegmentEntries(), found.log());
    Optional<OrderLog> reused = orders.open(found.state());
    StoreState state = found.state();
    OrderLog order;
    long maxCommitTs;
    if (reused.isPresent()) {
      order = reused.get();
      maxCommitTs = larger(state.maxCommitTs(), order.lastTs());
    } else {
      order = orders.startOver(newOrderId(clock));
      state = beginning(found, order.orderId());
      maxCommitTs = state.gcTs();
    }
    StateKeeper keeper = new StateKeeper(stateFile, found.log(), state);
    keeper.saveProgress(state);
    LOG.atInfo()
        .addKeyValue("dir", disk.describe())
        .addKeyValue("segments", found.log().segments().size())
        .addKeyValue("end", LogPointer.text(found.log().end()))
        .addKeyValue("replayFrom", LogPointer.text(state.replayFrom()))
        .addKeyValue("order", reused.isPresent() ? "kept" : "new")
        .addKeyValue("maxCommitTs", Long.toUnsignedString(maxCommitTs))
        .addKeyValue("gcTs", Long.toUnsignedString(state.gcTs()))
        .addKeyValue("skippedBytes", found.skippedBytes())
        .addKeyValue("tornBytes", found.tornBytes())
        .addKeyValue("costMs", (clock.nanoTime() - started) / 1_000_000)
        .log("storage opened");
    return new OpenedFiles(
        found.log(), order, keeper, found.acknowledged(), maxCommitTs, found.skippedBytes());
  }

  /** Sort everything anew; only the value log and the mark of garbage collection are believed. */
  private static StoreState beginning(Recovery.Outcome found, long orderId) throws IOException {
    long first =
        found.log().segments().stream()
            .findFirst()
            .map(segment -> LogPointer.of(segment.id(), 0))
            .orElse(LogPointer.START);
    long gcTs = found.state().gcTs();
    if (gcTs == 0 && LogPointer.segment(first) > 0) {
      LOG.atWarn()
          .addKeyValue("bytes", found.log().bytesAfter(first))
          .log("first segments are gone and nobody says up to when, reading all that is left");
      gcTs = CollectedBefore.find(found.log(), first);
    }
    StoreState state = found.state();
    return new StoreState(
        gcTs,
        gcTs,
        first,
        state.verifiedTo(),
        state.verifiedMaxTs(),
        orderId,
        0,
        0,
        state.ownFrom(),
        state.damages(),
        List.of());
  }

  /** Tells order logs apart; any number that is new here will do. */
  private static long newOrderId(Clock clock) {
    return (clock.now().toEpochMilli() << 20) | (clock.nanoTime() & 0xfffff) | 1;
  }

  private static long larger(long one, long two) {
    return Long.compareUnsigned(one, two) >= 0 ? one : two;
  }
}
