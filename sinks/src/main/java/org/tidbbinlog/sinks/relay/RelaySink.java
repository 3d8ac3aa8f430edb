package org.tidbbinlog.sinks.relay;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.sink.Applying;
import org.tidbbinlog.drainer.sink.Sink;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.SinkListener;
import org.tidbbinlog.node.process.DaemonThread;

/**
 * Keeps items in the relay log before the sink behind it is given them: those that wait are
 * appended together and forced to disk once. {@link #submit} and {@link #drain} are for one thread;
 * the sink behind is called by a thread of its own, and by {@link #drain} when that one rests.
 */
final class RelaySink implements Sink {
  private static final int MOST_WAITING = 64;

  private final Sink behind;
  private final RelayLog log;
  private final SinkListener listener;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<SinkItem> waiting = new ArrayDeque<>();
  private final Thread thread;
  private boolean busy;
  private boolean closed;
  private Optional<RuntimeException> failure = Optional.empty();

  RelaySink(Sink behind, RelayLog log, SinkListener listener) {
    this.behind = behind;
    this.log = log;
    this.listener = listener;
    this.thread = DaemonThread.named("sinks-relay-0", this::run, this::failed);
    thread.start();
  }

  @Override
  public void submit(SinkItem item) throws InterruptedException {
    try {
      keep(item);
    } catch (RuntimeException | InterruptedException e) {
      item.giveRowsBack();
      throw e;
    }
  }

  private void keep(SinkItem item) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (waiting.size() >= MOST_WAITING && failure.isEmpty() && !closed) {
        changed.await();
      }
      requireRunning();
      waiting.add(item);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void requireRunning() {
    failure.ifPresent(
        cause -> {
          throw cause;
        });
  }

  private void run() throws InterruptedException {
    for (List<SinkItem> items = take(); !items.isEmpty(); items = take()) {
      handOn(items);
    }
  }

  private void handOn(List<SinkItem> items) throws InterruptedException {
    int next = 0;
    try {
      items.forEach(log::append);
      log.force();
      while (next < items.size()) {
        behind.submit(items.get(next++));
      }
    } finally {
      items.subList(next, items.size()).forEach(SinkItem::giveRowsBack);
    }
  }

  /** All that wait; none when it is closed. */
  private List<SinkItem> take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      busy = false;
      changed.signalAll();
      while (waiting.isEmpty() && !closed) {
        changed.await();
      }
      List<SinkItem> all = closed ? List.of() : new ArrayList<>(waiting);
      waiting.clear();
      busy = !all.isEmpty();
      changed.signalAll();
      return all;
    } finally {
      lock.unlock();
    }
  }

  private void failed(Throwable cause) {
    lock.lock();
    try {
      if (closed) {
        return; // It was interrupted on purpose.
      }
      failure = Optional.of(DaemonThread.unchecked(cause));
      busy = false;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    listener.onFailure(cause);
  }

  @Override
  public boolean drain(Duration limit) throws InterruptedException {
    long left = limit.toNanos();
    lock.lockInterruptibly();
    try {
      while ((busy || !waiting.isEmpty()) && failure.isEmpty() && left > 0) {
        left = changed.awaitNanos(left);
      }
      requireRunning();
      if (busy || !waiting.isEmpty()) {
        return false;
      }
    } finally {
      lock.unlock();
    }
    return behind.drain(Duration.ofNanos(Math.max(1, left)));
  }

  @Override
  public Tso foundUpTo() {
    return behind.foundUpTo();
  }

  @Override
  public Optional<Applying> applying() {
    return behind.applying();
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    thread.interrupt();
    behind.close();
    try {
      thread.join(TimeUnit.SECONDS.toMillis(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    giveRowsBack();
    log.close();
  }

  private void giveRowsBack() {
    lock.lock();
    try {
      waiting.forEach(SinkItem::giveRowsBack);
      waiting.clear();
    } finally {
      lock.unlock();
    }
  }
}
