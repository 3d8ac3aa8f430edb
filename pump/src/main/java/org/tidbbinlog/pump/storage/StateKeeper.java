package org.tidbbinlog.pump.storage;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The one place that writes {@link StateFile}; shared by indexer and garbage collection, which each
 * own some of its numbers.
 */
final class StateKeeper {
  private final StateFile file;
  private final ValueLog values;
  private StoreState current;
  private volatile long gcTs;

  StateKeeper(StateFile file, ValueLog values, StoreState state) {
    this.file = file;
    this.values = values;
    this.current = state;
    this.gcTs = state.gcTs();
  }

  /** Unsigned. */
  long gcTs() {
    return gcTs;
  }

  synchronized StoreState current() {
    return current;
  }

  /** The sorter's numbers; gcTs and segments of {@code state} are not looked at. */
  synchronized void saveProgress(StoreState state) throws IOException {
    // Trimming may be on its way: what was told to be gone stays gone.
    save(state, gcTs, Math.max(state.orderFirst(), keptFrom(state)));
  }

  /**
   * Takes segments out of the log and makes that durable before their files go.
   *
   * @param newGcTs unsigned
   * @param orderFirst first entry of the order log that will be left
   */
  synchronized void saveCollection(long newGcTs, List<ValueSegment> collected, long orderFirst)
      throws IOException {
    gcTs = newGcTs;
    values.detach(collected);
    save(current, newGcTs, orderFirst);
  }

  private long keptFrom(StoreState state) {
    return state.orderId() == current.orderId() ? current.orderFirst() : 0;
  }

  private void save(StoreState state, long newGcTs, long orderFirst) throws IOException {
    List<StoreState.Segment> segments = new ArrayList<>();
    for (ValueSegment segment : values.segments()) {
      int fingerprint = segment.end() == 0 ? 0 : segment.fingerprint();
      segments.add(new StoreState.Segment(segment.id(), fingerprint, segment.neededUntil()));
    }
    current =
        new StoreState(
            newGcTs,
            state.maxCommitTs(),
            state.replayFrom(),
            state.verifiedTo(),
            state.verifiedMaxTs(),
            state.orderId(),
            orderFirst,
            state.orderEnd(),
            segments);
    file.save(current);
  }
}
