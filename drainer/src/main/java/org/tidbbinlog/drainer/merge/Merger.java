package org.tidbbinlog.drainer.merge;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;

/**
 * Merges the streams of all Pumps by commit timestamp. Nothing is handed out above the smallest
 * watermark (the newest timestamp each Pump has sent), so a silent, paused or dead Pump stops the
 * output on purpose (I4). A timestamp that two Pumps hold is handed out once; one that comes too
 * late is an error, never a log line (I9).
 *
 * <p>Receivers call {@link MergeInput#offer} from their threads; one consumer calls {@link #take}.
 */
public final class Merger<T extends Merger.Timestamped> {
  /** What can be merged. */
  public interface Timestamped {
    Tso commitTs();

    /** No data, only progress: may be dropped when it comes too late. */
    boolean isFake();

    /** Size it occupies while queued. */
    int sizeBytes();

    /** It is not handed out, and nobody needs it. */
    default void drop() {}
  }

  private static final Comparator<MergeInput<?>> BY_HEAD = Comparator.comparing(MergeInput::headTs);

  private final Clock clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<String, MergeInput<T>> inputs = new TreeMap<>();
  private final List<MergeInput<T>> retired = new ArrayList<>();
  private boolean open;
  private boolean closed;
  private Tso lastOutput;
  private long duplicates;
  private Optional<RuntimeException> failure = Optional.empty();

  /**
   * @param start everything up to here was handed out before
   */
  public Merger(Tso start, Clock clock) {
    this.lastOutput = start;
    this.clock = clock;
  }

  /** Output may begin: the first list of Pumps has been read. */
  public void open() {
    locked(
        () -> {
          open = true;
          changed.signalAll();
        });
  }

  /**
   * Adds a Pump whose stream continues after {@code from}; it holds the output back until it has
   * caught up.
   */
  public MergeInput<T> add(String nodeId, Tso from) {
    MergeInput<T> input = new MergeInput<>(this, nodeId, from, clock);
    locked(
        () -> {
          if (inputs.putIfAbsent(nodeId, input) != null) {
            throw new IllegalStateException("pump " + nodeId + " is already merged");
          }
          changed.signalAll();
        });
    return input;
  }

  /** A Pump has left for good: it holds nothing back any more; what it sent is still handed out. */
  public void remove(String nodeId) {
    locked(
        () -> {
          MergeInput<T> input = inputs.remove(nodeId);
          if (input != null) {
            retired.add(input);
          }
          changed.signalAll();
        });
  }

  /** Nobody takes any more: what is queued, and what still comes, is dropped. */
  public void close() {
    locked(
        () -> {
          closed = true;
          inputs.values().forEach(MergeInput::dropAll);
          retired.forEach(MergeInput::dropAll);
        });
  }

  boolean isClosed() {
    return closed;
  }

  /** Stops the consumer with an error. */
  public void fail(RuntimeException cause) {
    locked(
        () -> {
          failure = failure.isEmpty() ? Optional.of(cause) : failure;
          changed.signalAll();
        });
  }

  /**
   * The next items in order, at least one unless {@code limit} passes first, at most {@code max}.
   */
  public List<T> take(int max, Duration limit) throws InterruptedException {
    List<T> taken = new ArrayList<>();
    List<Runnable> room = new ArrayList<>();
    long nanos = limit.toNanos();
    lock.lockInterruptibly();
    try {
      while (taken.isEmpty() && nanos > 0) {
        collect(max, taken, room);
        if (taken.isEmpty()) {
          nanos = changed.awaitNanos(nanos);
        }
      }
    } finally {
      lock.unlock();
    }
    room.forEach(Runnable::run);
    return taken;
  }

  /** The items that {@link #take} would hand out now, at most {@code max}; does not wait. */
  public List<T> poll(int max) {
    List<T> taken = new ArrayList<>();
    List<Runnable> room = new ArrayList<>();
    locked(() -> collect(max, taken, room));
    room.forEach(Runnable::run);
    return taken;
  }

  /** The newest timestamp handed out. */
  public Tso lastOutput() {
    lock.lock();
    try {
      return lastOutput;
    } finally {
      lock.unlock();
    }
  }

  /** Timestamps that two Pumps held and that were handed out once. */
  public long duplicates() {
    lock.lock();
    try {
      return duplicates;
    } finally {
      lock.unlock();
    }
  }

  /**
   * How each Pump stands, by node id; the one with the smallest watermark is what is waited for.
   */
  public List<MergeProgress> progress() {
    lock.lock();
    try {
      return inputs.values().stream().map(MergeInput::progress).toList();
    } finally {
      lock.unlock();
    }
  }

  void locked(Runnable action) {
    lock.lock();
    try {
      action.run();
    } finally {
      lock.unlock();
    }
  }

  void signal() {
    changed.signalAll();
  }

  private void collect(int max, List<T> taken, List<Runnable> room) {
    failure.ifPresent(
        cause -> {
          throw cause;
        });
    if (!open || inputs.isEmpty()) {
      return;
    }
    Tso ceiling = Tso.MAX;
    PriorityQueue<MergeInput<T>> heads = new PriorityQueue<>(BY_HEAD);
    for (MergeInput<T> input : inputs.values()) {
      ceiling = ceiling.min(input.watermark());
      enqueue(heads, input);
    }
    retired.removeIf(MergeInput::isEmpty);
    retired.forEach(input -> enqueue(heads, input));
    while (taken.size() < max) {
      MergeInput<T> first = heads.poll();
      if (first == null || first.headTs().isAfter(ceiling)) {
        break;
      }
      emit(first.poll(room), first.nodeId(), taken); // One that is late is the first to come.
      enqueue(heads, first);
    }
  }

  private void enqueue(PriorityQueue<MergeInput<T>> heads, MergeInput<T> input) {
    if (!input.isEmpty()) {
      heads.add(input);
    }
  }

  private void emit(T item, String nodeId, List<T> taken) {
    Tso ts = item.commitTs();
    if (ts.isAfter(lastOutput)) {
      lastOutput = ts;
      taken.add(item);
      return;
    }
    item.drop();
    if (ts.equals(lastOutput)) {
      duplicates += item.isFake() ? 0 : 1;
    } else if (!item.isFake()) {
      throw new OperatorException(
          "pump "
              + nodeId
              + " holds the transaction with commit ts "
              + ts
              + ", but everything up to "
              + lastOutput
              + " has been replicated already: it joined too late or its data was put back; restore"
              + " the target to a point before "
              + ts
              + " and start again from there");
    }
  }

  static long elapsedMs(Clock clock, long sinceNanos) {
    return TimeUnit.NANOSECONDS.toMillis(clock.nanoTime() - sinceNanos);
  }
}
