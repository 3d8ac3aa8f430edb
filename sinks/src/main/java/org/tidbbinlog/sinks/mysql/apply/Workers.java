package org.tidbbinlog.sinks.mysql.apply;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * All workers' queues, the bound on what is in flight (I10), and who waits for whom. Waiting is
 * always for units with a smaller order, so the oldest unit can always go on.
 *
 * <pre>
 * RUNNING ──callBack──▶ CALLED_BACK ──takeBack──▶ RUNNING
 *    └────────────stop───────┴──▶ STOPPED
 * </pre>
 */
final class Workers {
  private final int txnBatch;
  private final long maxBytes;
  private final int maxUnits;
  private final long maxBatchBytes;
  private final List<WorkerQueue> queues = new ArrayList<>();
  private final List<Condition> wake = new ArrayList<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition room = lock.newCondition();
  private final Condition progress = lock.newCondition();
  private long bytes;
  private int units;
  private int atWork;
  private volatile State state = State.RUNNING;

  private enum State {
    RUNNING,
    /** Workers end what they are at and take no more; nothing can be added. */
    CALLED_BACK,
    STOPPED
  }

  Workers(int count, int txnBatch, long maxBytes) {
    this.txnBatch = txnBatch;
    this.maxBytes = maxBytes;
    this.maxUnits = Math.max(4096, Math.min(1 << 16, count * txnBatch * 8));
    this.maxBatchBytes = Math.max(1 << 20, maxBytes / Math.max(4, count));
    for (int i = 0; i < count; i++) {
      queues.add(new WorkerQueue());
      wake.add(lock.newCondition());
    }
  }

  int count() {
    return queues.size();
  }

  boolean isCommitted(long ticket) {
    return queues.get(Ticket.worker(ticket)).isCommitted(Ticket.seq(ticket));
  }

  /**
   * Waits for room, then adds; publishes what waits before it blocks.
   *
   * @return its ticket; {@link Ticket#NONE} when it was not added since the workers are called back
   */
  long add(int worker, ApplyUnit unit) throws InterruptedException {
    lock.lock();
    try {
      while (isRunning() && units > 0 && isTooMuch(unit)) {
        publishAllLocked();
        room.await();
      }
      if (isStopped()) {
        throw new InterruptedException("stopped");
      }
      if (isCalledBack()) {
        return Ticket.NONE;
      }
      units++;
      bytes += unit.sizeBytes();
      WorkerQueue queue = queues.get(worker);
      long seq = queue.add(unit);
      if (queue.unpublished() >= txnBatch) {
        publishLocked(worker);
      }
      return Ticket.of(worker, seq);
    } finally {
      lock.unlock();
    }
  }

  private boolean isTooMuch(ApplyUnit unit) {
    return units >= maxUnits || bytes + unit.sizeBytes() > maxBytes;
  }

  /** Uncommitted units of a worker. */
  int load(int worker) {
    lock.lock();
    try {
      return queues.get(worker).size();
    } finally {
      lock.unlock();
    }
  }

  void publishAll() {
    lock.lock();
    try {
      publishAllLocked();
    } finally {
      lock.unlock();
    }
  }

  private void publishAllLocked() {
    for (int i = 0; i < queues.size(); i++) {
      if (queues.get(i).hasUnpublished()) {
        publishLocked(i);
      }
    }
  }

  private void publishLocked(int worker) {
    queues.get(worker).publish();
    wake.get(worker).signal();
  }

  /**
   * The next batch of a worker: no unit in it waits for another worker. Empty when stopped. The
   * worker is at work until it calls {@link #rests}.
   */
  Optional<List<ApplyUnit>> take(int worker) throws InterruptedException {
    lock.lock();
    try {
      WorkerQueue queue = queues.get(worker);
      while (!isStopped()) {
        List<ApplyUnit> ready = isCalledBack() ? List.of() : ready(queue);
        if (!ready.isEmpty()) {
          atWork++;
          return Optional.of(ready);
        }
        if (isCalledBack() || queue.isIdle()) {
          wake.get(worker).await();
        } else {
          progress.await();
        }
      }
      return Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  private List<ApplyUnit> ready(WorkerQueue queue) {
    List<ApplyUnit> front = queue.peek(txnBatch);
    long batchBytes = 0;
    for (int i = 0; i < front.size(); i++) {
      ApplyUnit unit = front.get(i);
      batchBytes += unit.sizeBytes();
      boolean alone = unit.isTransaction();
      boolean cut = i > 0 && (batchBytes > maxBatchBytes || alone);
      if (cut || !allCommitted(unit.waits())) {
        return front.subList(0, i);
      }
      if (alone) {
        return front.subList(0, 1);
      }
    }
    return front;
  }

  private boolean allCommitted(long[] tickets) {
    for (long ticket : tickets) {
      if (!isCommitted(ticket)) {
        return false;
      }
    }
    return true;
  }

  /** A worker has ended with its batch, whether all of it is committed or not. */
  void rests() {
    lock.lock();
    try {
      atWork--;
      if (isCalledBack()) {
        progress.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  void committed(int worker, List<ApplyUnit> batch) {
    lock.lock();
    try {
      queues.get(worker).committed(batch.size());
      for (ApplyUnit unit : batch) {
        units--;
        bytes -= unit.sizeBytes();
      }
      room.signal();
      progress.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until every unit with a smaller order is committed; false when that will not be. */
  boolean awaitOldest(long order) throws InterruptedException {
    lock.lock();
    try {
      while (isRunning() && queues.stream().anyMatch(queue -> queue.oldestOrder() < order)) {
        publishAllLocked();
        progress.await();
      }
      return isRunning();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until nothing is in flight; false when that will not be, or the time is over. */
  boolean awaitIdle(long limitNanos) throws InterruptedException {
    long rest = limitNanos;
    lock.lock();
    try {
      while (isRunning() && units > 0 && rest > 0) {
        publishAllLocked();
        rest = progress.awaitNanos(rest);
      }
      return units == 0 && !isCalledBack();
    } finally {
      lock.unlock();
    }
  }

  int unitsInFlight() {
    lock.lock();
    try {
      return units;
    } finally {
      lock.unlock();
    }
  }

  long bytesInFlight() {
    lock.lock();
    try {
      return bytes;
    } finally {
      lock.unlock();
    }
  }

  private boolean isRunning() {
    return state == State.RUNNING;
  }

  boolean isStopped() {
    return state == State.STOPPED;
  }

  boolean isCalledBack() {
    return state == State.CALLED_BACK;
  }

  /** Nothing more is taken or added until {@link #takeBack}. */
  void callBack() {
    move(State.CALLED_BACK);
  }

  /** Waits until the workers are called back; false when stopped. */
  boolean awaitCalledBack() throws InterruptedException {
    lock.lock();
    try {
      while (isRunning()) {
        progress.await();
      }
      return isCalledBack();
    } finally {
      lock.unlock();
    }
  }

  /** Once all have come to rest: what is not committed, in order. They go on without it. */
  List<ApplyUnit> takeBack() throws InterruptedException {
    lock.lock();
    try {
      while (isCalledBack() && atWork > 0) {
        progress.await();
      }
      List<ApplyUnit> uncommitted = new ArrayList<>();
      if (isCalledBack()) {
        queues.forEach(queue -> uncommitted.addAll(queue.withdraw()));
        uncommitted.sort(Comparator.comparingLong(ApplyUnit::order));
        units = 0;
        bytes = 0;
        move(State.RUNNING);
      }
      return uncommitted;
    } finally {
      lock.unlock();
    }
  }

  void stop() {
    move(State.STOPPED);
  }

  private void move(State next) {
    lock.lock();
    try {
      if (isStopped()) {
        return;
      }
      state = next;
      wake.forEach(Condition::signalAll);
      room.signalAll();
      progress.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
