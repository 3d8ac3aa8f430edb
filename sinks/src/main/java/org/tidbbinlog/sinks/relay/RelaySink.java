package org.tidbbinlog.sinks.relay;

import java.time.Duration;
import java.util.ArrayDeque;
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

  private enum State {
    OPEN,
    /** An orderly stop: what waits is dropped, it is in no log yet. */
    TAKES_NO_MORE,
    CLOSED
  }

  private final Sink behind;
  private final RelayLog log;
  private final SinkListener listener;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<SinkItem> waiting = new ArrayDeque<>();
  private final Thread thread;
  private State state = State.OPEN;
  private boolean busy;
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
      while (waiting.size() >= MOST_WAITING && failure.isEmpty() && state == State.OPEN) {
        changed.await();
      }
      requireRunning();
      if (state != State.OPEN) {
        throw new InterruptedException("the relay log takes no more");
      }
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

  /** All of them, or as many as the sink behind has begun with when no more is taken. */
  private void handOn(List<SinkItem> items) throws InterruptedException {
    int next = 0;
    try {
      items.forEach(log::append);
      log.force();
      while (next < items.size() && isOpen()) {
        behind.submit(items.get(next++));
      }
    } catch (InterruptedException e) {
      if (isOpen()) {
        throw e;
      }
    } finally {
      items.subList(next, items.size()).forEach(SinkItem::giveRowsBack);
    }
  }

  private boolean isOpen() {
    lock.lock();
    try {
      return state == State.OPEN;
    } finally {
      lock.unlock();
    }
  }

  /** All that wait; none when no more is taken. */
  private List<SinkItem> take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      busy = false;
      changed.signalAll();
      while (waiting.isEmpty() && state == State.OPEN) {
        changed.await();
      }
      if (state != State.OPEN) {
        return List.of();
      }
      List<SinkItem> all = List.copyOf(waiting);
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
      if (state == State.CLOSED) {
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

  /** What the sink behind was not given is in the log, or nowhere: upstream sends it again. */
  @Override
  public void takeNoMore() {
    end(State.TAKES_NO_MORE);
    behind.takeNoMore();
  }

  private void end(State next) {
    lock.lock();
    try {
      state = next;
      waiting.forEach(SinkItem::giveRowsBack);
      waiting.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
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
  public boolean mayHoldBeyond(Tso commitTs) {
    return behind.mayHoldBeyond(commitTs);
  }

  @Override
  public Optional<Applying> applying() {
    return behind.applying();
  }

  @Override
  public void close() {
    end(State.CLOSED);
    thread.interrupt();
    behind.close();
    try {
      thread.join(TimeUnit.SECONDS.toMillis(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    log.close();
  }
}
