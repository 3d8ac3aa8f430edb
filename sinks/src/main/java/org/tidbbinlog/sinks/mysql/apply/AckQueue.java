package org.tidbbinlog.sinks.mysql.apply;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.sink.Applying;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.SinkListener;
import org.tidbbinlog.drainer.sink.StageTimes;

/**
 * Items in commit order; acknowledged from the front as they are done (I6). The listener is called
 * by whoever finishes the front, one call at a time. What is done gives its rows back at once, and
 * whoever adds waits while it {@link #isFull} (I10).
 */
public final class AckQueue {
  private static final int MOST_PENDING = 100_000;

  private final SinkListener listener;
  private final Clock clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition empty = lock.newCondition();
  private final Deque<PendingItem> items = new ArrayDeque<>();
  private volatile Tso lowWatermark;
  private volatile Tso newest = Tso.ZERO;
  private boolean acknowledging;
  private boolean givenUp;
  private boolean ended;

  public AckQueue(SinkListener listener, Clock clock, Tso lowWatermark) {
    this.listener = listener;
    this.clock = clock;
    this.lowWatermark = lowWatermark;
  }

  /** Everything up to here is acknowledged. */
  public Tso lowWatermark() {
    return lowWatermark;
  }

  /** The commit timestamp of what was added last. */
  public Tso newest() {
    return newest;
  }

  PendingItem add(SinkItem item) {
    PendingItem pending = new PendingItem(item);
    lock.lock();
    try {
      items.add(pending);
      newest = item.commitTs();
      if (ended) {
        pending.giveRowsBack();
      }
    } finally {
      lock.unlock();
    }
    return pending;
  }

  /** An item that is not acknowledged before {@link #done} says so. */
  public PendingItem open(SinkItem item) {
    return add(item);
  }

  /** Ends what {@link #open} began; its units may still be under way. */
  public void done(PendingItem pending) {
    pending.handedOut();
    unitDone(pending);
  }

  /** As much waits for the front as may: only when that goes on there is room for more. */
  public boolean isFull() {
    return size() >= MOST_PENDING;
  }

  /** An item that is in the target already. */
  public void addApplied(SinkItem item) {
    unitDone(add(item));
  }

  /** Nothing to apply; joins a predecessor of its kind that still waits. */
  public void addProgress(SinkItem.Progress item) {
    lock.lock();
    try {
      PendingItem last = items.peekLast();
      if (last != null && last.item().kind() == SinkItem.Kind.PROGRESS && items.size() > 1) {
        items.removeLast();
      }
      PendingItem pending = new PendingItem(item);
      pending.unitDone();
      items.add(pending);
    } finally {
      lock.unlock();
    }
    acknowledgeDone();
  }

  void unitDone(PendingItem pending) {
    if (pending.unitDone()) {
      acknowledgeDone();
    }
  }

  private void acknowledgeDone() {
    lock.lock();
    try {
      if (acknowledging) {
        return; // The thread that acknowledges looks again before it leaves.
      }
      acknowledging = true;
      while (!items.isEmpty() && items.getFirst().isDone()) {
        PendingItem done = items.removeFirst();
        lock.unlock();
        try {
          acknowledge(done.item());
        } finally {
          lock.lock();
        }
      }
      acknowledging = false; // Not after a failure: who missed one item hears of none behind it.
      if (items.isEmpty()) {
        empty.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  private void acknowledge(SinkItem item) {
    lowWatermark = item.commitTs().max(lowWatermark);
    times(item).mark(StageTimes.Stage.ACKNOWLEDGED, clock.nanoTime());
    listener.onAcknowledged(item);
  }

  static StageTimes times(SinkItem item) {
    return switch (item.kind()) {
      case TRANSACTION -> ((SinkItem.Transaction) item).times();
      case DDL -> ((SinkItem.Ddl) item).times();
      case PROGRESS -> ((SinkItem.Progress) item).times();
    };
  }

  /** The oldest item that is not done, if it is a transaction whose rows are on their way. */
  public Optional<Applying> applying() {
    lock.lock();
    try {
      for (PendingItem pending : items) {
        if (!pending.isDone()) {
          return pending.applying();
        }
      }
      return Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  public int size() {
    lock.lock();
    try {
      return items.size();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until nothing is pending and no listener call runs; false when the time is over.
   *
   * @param inVain looked at again after each {@link #lookAgain}: true ends the wait
   */
  public boolean awaitEmpty(long limitNanos, BooleanSupplier inVain) throws InterruptedException {
    long rest = limitNanos;
    lock.lock();
    try {
      while (!items.isEmpty() || acknowledging) {
        if (rest <= 0 || givenUp || inVain.getAsBoolean()) {
          return false;
        }
        rest = empty.awaitNanos(rest);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Something has changed for who waits in {@link #awaitEmpty}. */
  void lookAgain() {
    lock.lock();
    try {
      empty.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Nobody writes any more: what is still to be written, or comes late, gives its rows back. */
  void giveRowsBack() {
    lock.lock();
    try {
      ended = true;
      items.forEach(PendingItem::giveRowsBack);
    } finally {
      lock.unlock();
    }
  }

  /** Nothing more will be acknowledged: {@link #awaitEmpty} answers false. */
  void giveUp() {
    lock.lock();
    try {
      givenUp = true;
      empty.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
