package org.tidbbinlog.pump.storage;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Records waiting for the writer. Bounds: {@code maxBytes} of heap payloads (one larger passes when
 * nothing waits) and {@value #MAX_REQUESTS} requests. Offered to by any thread, taken from by the
 * writer.
 */
final class AppendQueue {
  static final int MAX_REQUESTS = 1 << 20;

  private final long maxBytes;
  private final ArrayDeque<AppendRequest> waiting = new ArrayDeque<>();
  private long bytes;
  private boolean closed;

  AppendQueue(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /**
   * @throws StoreBusyException beyond the bounds
   * @throws StoreClosedException after {@link #close}
   */
  void offer(AppendRequest request) {
    synchronized (this) {
      if (closed) {
        throw new StoreClosedException();
      }
      boolean fits = bytes == 0 || bytes + request.heapBytes() <= maxBytes;
      if (!fits || waiting.size() >= MAX_REQUESTS) {
        throw new StoreBusyException(bytes, maxBytes);
      }
      bytes += request.heapBytes();
      waiting.add(request);
      notifyAll();
    }
  }

  /** Requests for one group, in order, none when nothing waits; at least one whatever its size. */
  synchronized List<AppendRequest> takeGroup(long maxGroupBytes) {
    List<AppendRequest> group = new ArrayList<>();
    long groupBytes = 0;
    AppendRequest next = waiting.peek();
    while (next != null && (group.isEmpty() || groupBytes + next.frameBytes() <= maxGroupBytes)) {
      group.add(next);
      waiting.remove();
      groupBytes += next.frameBytes();
      next = waiting.peek();
    }
    return group;
  }

  /** The group's bytes are out of memory's way. */
  synchronized void release(List<AppendRequest> group) {
    for (AppendRequest request : group) {
      bytes -= request.heapBytes();
    }
  }

  /** Blocks until there is something, or the queue is closed. */
  synchronized void awaitWork() throws InterruptedException {
    while (waiting.isEmpty() && !closed) {
      wait();
    }
  }

  /** Refuses from now on; what waits is still to be taken. */
  synchronized void close() {
    closed = true;
    notifyAll();
  }

  synchronized boolean isDrained() {
    return closed && waiting.isEmpty();
  }

  synchronized long bytes() {
    return bytes;
  }
}
