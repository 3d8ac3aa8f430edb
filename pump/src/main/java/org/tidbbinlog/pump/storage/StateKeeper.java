package org.tidbbinlog.pump.storage;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
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

  /** The sorter's numbers; gcTs, ownFrom and segments of {@code state} are not looked at. */
  synchronized void saveProgress(StoreState state) throws IOException {
    // Trimming may be on its way: what was told to be gone stays gone.
    save(state, gcTs, Math.max(state.orderFirst(), keptFrom(state)), values.segments());
  }

  /**
   * Takes segments out of the log once that is durable; only then their files may go. Nothing has
   * changed when it fails.
   *
   * @param newGcTs unsigned
   * @param orderFirst first entry of the order log that will be left
   */
  synchronized void saveCollection(long newGcTs, List<ValueSegment> collected, long orderFirst)
      throws IOException {
    List<ValueSegment> left = new ArrayList<>(values.segments());
    left.removeAll(collected);
    save(current, newGcTs, orderFirst, left);
    gcTs = newGcTs; // First, so that who misses a segment knows why.
    values.detach(collected);
  }

  private long keptFrom(StoreState state) {
    return state.orderId() == current.orderId() ? current.orderFirst() : 0;
  }

  private void save(
      StoreState state, long newGcTs, long orderFirst, Collection<ValueSegment> listed)
      throws IOException {
    List<StoreState.Segment> segments = new ArrayList<>();
    for (ValueSegment segment : listed) {
      int fingerprint = segment.end() == 0 ? 0 : segment.fingerprint();
      segments.add(new StoreState.Segment(segment.id(), fingerprint, segment.neededUntil()));
    }
    StoreState next =
        new StoreState(
            newGcTs,
            state.maxCommitTs(),
            state.replayFrom(),
            state.verifiedTo(),
            state.verifiedMaxTs(),
            state.orderId(),
            orderFirst,
            state.orderEnd(),
            current.ownFrom(),
            state.damages(),
            segments);
    file.save(next);
    current = next;
  }
}
