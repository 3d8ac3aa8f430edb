package org.tidbbinlog.pump.storage;

import java.util.Arrays;

/**
 * Transactions that are complete but wait for {@code maxCommitTs}, smallest commit timestamp first;
 * 44 bytes an entry. A heap of slots over parallel arrays. At equal timestamps a transaction comes
 * before a heartbeat.
 */
final class CommitHeap {
  private long[] commitTs = new long[64];
  private long[] startTs = new long[64];
  private long[] prewritePointer = new long[64];
  private long[] commitPointer = new long[64];
  private int[] prewriteBytes = new int[64];
  private int[] commitBytes = new int[64];
  private int[] heap = new int[64];
  private int size;

  CommitHeap() {
    for (int i = 0; i < heap.length; i++) {
      heap[i] = i;
    }
  }

  int size() {
    return size;
  }

  void add(OrderEntry entry) {
    if (size == heap.length) {
      grow();
    }
    int slot = heap[size];
    commitTs[slot] = entry.commitTs();
    startTs[slot] = entry.startTs();
    prewritePointer[slot] = entry.prewritePointer();
    prewriteBytes[slot] = entry.prewriteBytes();
    commitPointer[slot] = entry.commitPointer();
    commitBytes[slot] = entry.commitBytes();
    siftUp(size++);
  }

  /** Commit timestamp of the next entry; only when there is one. */
  long firstTs() {
    return commitTs[heap[0]];
  }

  OrderEntry remove() {
    int slot = heap[0];
    size--;
    heap[0] = heap[size];
    heap[size] = slot;
    siftDown();
    return new OrderEntry(
        commitTs[slot],
        startTs[slot],
        prewritePointer[slot],
        prewriteBytes[slot],
        commitPointer[slot],
        commitBytes[slot]);
  }

  /** Smallest Prewrite pointer in the heap, or {@code otherwise} when that is smaller. */
  long firstPointer(long otherwise) {
    long smallest = otherwise;
    for (int i = 0; i < size; i++) {
      smallest = Math.min(smallest, prewritePointer[heap[i]]);
    }
    return smallest;
  }

  private boolean before(int one, int other) {
    int order = Long.compareUnsigned(commitTs[one], commitTs[other]);
    return order < 0 || (order == 0 && startTs[one] < startTs[other]);
  }

  private void siftUp(int from) {
    int at = from;
    int slot = heap[at];
    while (at > 0 && before(slot, heap[(at - 1) / 2])) {
      heap[at] = heap[(at - 1) / 2];
      at = (at - 1) / 2;
    }
    heap[at] = slot;
  }

  private void siftDown() {
    int at = 0;
    int slot = heap[0];
    while (2 * at + 1 < size) {
      int child = 2 * at + 1;
      if (child + 1 < size && before(heap[child + 1], heap[child])) {
        child++;
      }
      if (!before(heap[child], slot)) {
        break;
      }
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = slot;
  }

  private void grow() {
    int capacity = heap.length * 2;
    commitTs = Arrays.copyOf(commitTs, capacity);
    startTs = Arrays.copyOf(startTs, capacity);
    prewritePointer = Arrays.copyOf(prewritePointer, capacity);
    commitPointer = Arrays.copyOf(commitPointer, capacity);
    prewriteBytes = Arrays.copyOf(prewriteBytes, capacity);
    commitBytes = Arrays.copyOf(commitBytes, capacity);
    heap = Arrays.copyOf(heap, capacity);
    for (int i = capacity / 2; i < capacity; i++) {
      heap[i] = i;
    }
  }
}
