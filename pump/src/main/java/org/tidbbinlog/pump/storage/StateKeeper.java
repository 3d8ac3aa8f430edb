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
    save(state, gcTs);
  }

  /**
   * Takes segments out of the log and makes that durable before their files go.
   *
   * @param newGcTs unsigned
   */
  synchronized void saveCollection(long newGcTs, List<ValueSegment> collected) throws IOException {
    gcTs = newGcTs;
    values.detach(collected);
    save(current, newGcTs);
  }

  private void save(StoreState state, long newGcTs) throws IOException {
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
            state.orderEnd(),
            segments);
    file.save(current);
  }
}
