package org.tidbbinlog.sinks.mysql.apply;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * All workers' queues, the bound on what is in flight (I10), and who waits for whom. Waiting is
 * always for units with a smaller order, so the oldest unit can always go on.
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
  private volatile boolean stopped;

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

  /** Waits for room, then adds; returns the ticket. Publishes what waits before it blocks. */
  long add(int worker, ApplyUnit unit) throws InterruptedException {
    lock.lock();
    try {
      while (!stopped && units > 0 && (units >= maxUnits || bytes + unit.sizeBytes() > maxBytes)) {
        publishAllLocked();
        room.await();
      }
      if (stopped) {
        throw new InterruptedException("stopped");
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

  /** The next batch of a worker: no unit in it waits for another worker. Empty when stopped. */
  Optional<List<ApplyUnit>> take(int worker) throws InterruptedException {
    lock.lock();
    try {
      WorkerQueue queue = queues.get(worker);
      while (!stopped) {
        List<ApplyUnit> ready = ready(queue);
        if (!ready.isEmpty()) {
          return Optional.of(ready);
        }
        if (queue.isIdle()) {
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

  /** Waits until every unit with a smaller order is committed; false when stopped. */
  boolean awaitOldest(long order) throws InterruptedException {
    lock.lock();
    try {
      while (!stopped && queues.stream().anyMatch(queue -> queue.oldestOrder() < order)) {
        publishAllLocked();
        progress.await();
      }
      return !stopped;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until nothing is in flight; false when stopped, or the time is over. */
  boolean awaitIdle(long limitNanos) throws InterruptedException {
    long rest = limitNanos;
    lock.lock();
    try {
      while (!stopped && units > 0 && rest > 0) {
        publishAllLocked();
        rest = progress.awaitNanos(rest);
      }
      return units == 0;
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

  boolean isStopped() {
    return stopped;
  }

  void stop() {
    lock.lock();
    try {
      stopped = true;
      wake.forEach(Condition::signalAll);
      room.signalAll();
      progress.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
