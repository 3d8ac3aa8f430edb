package org.tidbbinlog.drainer.merge;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;

/**
 * One Pump's side of the merge: a queue and a watermark. Everything here is guarded by the merger's
 * lock. The queue is bounded by its receiver, which stops asking for more above {@link
 * #queuedBytes} of its choice and is told when there is room again.
 */
public final class MergeInput<T extends Merger.Timestamped> {
  private final Merger<T> merger;
  private final String nodeId;
  private final Clock clock;
  private final Deque<T> queue = new ArrayDeque<>();
  private Tso watermark;
  private long queuedBytes;
  private long lastReceivedNanos;
  private Runnable onRoom = () -> {};

  MergeInput(Merger<T> merger, String nodeId, Tso from, Clock clock) {
    this.merger = merger;
    this.nodeId = nodeId;
    this.watermark = from;
    this.clock = clock;
    this.lastReceivedNanos = clock.nanoTime();
  }

  public String nodeId() {
    return nodeId;
  }

  /** Called without any lock whenever items of this input were taken. */
  public void onRoom(Runnable action) {
    merger.locked(() -> onRoom = action);
  }

  /**
   * Adds the next item of the stream; one that repeats the last timestamp is ignored (a stream may
   * begin with what was received last).
   *
   * @throws DisorderException when timestamps go back (I1)
   */
  public void offer(T item) {
    merger.locked(() -> accept(item));
  }

  /** Size of what is queued. */
  public long queuedBytes() {
    long[] queued = new long[1];
    merger.locked(() -> queued[0] = queuedBytes);
    return queued[0];
  }

  /** The newest timestamp received: where to continue after a broken stream. */
  public Tso received() {
    Tso[] seen = new Tso[1];
    merger.locked(() -> seen[0] = watermark);
    return seen[0];
  }

  private void accept(T item) {
    lastReceivedNanos = clock.nanoTime();
    Tso ts = item.commitTs();
    if (ts.equals(watermark) || merger.isClosed()) {
      item.drop();
      return;
    }
    if (ts.isBefore(watermark)) {
      throw new DisorderException(
          "pump "
              + nodeId
              + " sent commit ts "
              + ts
              + " after "
              + watermark
              + ": its stream is out of order; check that its data directory is whole");
    }
    watermark = ts;
    queue.add(item);
    queuedBytes += item.sizeBytes();
    merger.signal();
  }

  Tso watermark() {
    return watermark;
  }

  boolean isEmpty() {
    return queue.isEmpty();
  }

  Tso headTs() {
    return queue.element().commitTs();
  }

  T poll(List<Runnable> room) {
    T item = queue.remove();
    queuedBytes -= item.sizeBytes();
    if (!room.contains(onRoom)) {
      room.add(onRoom);
    }
    return item;
  }

  void dropAll() {
    queue.forEach(Merger.Timestamped::drop);
    queue.clear();
    queuedBytes = 0;
  }

  MergeProgress progress() {
    return new MergeProgress(
        nodeId, watermark, queue.size(), queuedBytes, Merger.elapsedMs(clock, lastReceivedNanos));
  }
}
