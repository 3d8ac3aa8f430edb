package org.tidbbinlog.pump.storage;

import java.util.Arrays;

/**
 * Prewrites without a Commit, in log order, with random removal: a doubly linked list in arrays, 60
 * bytes an entry and no objects. Slot 0 is the list's end and beginning.
 *
 * <p>Each slot also carries the largest commit timestamp seen in the log after it and before the
 * next slot: its <i>mark</i>. When a Prewrite is settled its mark falls to the slot before it; what
 * falls to slot 0 has no unsettled Prewrite ahead of it and is the new {@code maxCommitTs}.
 */
final class PrewriteList {
  static final int END = 0;

  private long[] startTs = new long[64];
  private long[] pointer = new long[64];
  private long[] sinceNs = new long[64];
  private long[] mark = new long[64];
  private int[] length = new int[64];
  private int[] next = new int[64];
  private int[] previous = new int[64];
  private int used = 1;
  private int firstFree = END;
  private final LongIntMap slots = new LongIntMap();

  int size() {
    return slots.size();
  }

  /** Slot of a transaction, or {@link LongIntMap#ABSENT}. */
  int find(long start) {
    return slots.get(start);
  }

  int first() {
    return next[END];
  }

  int after(int slot) {
    return next[slot];
  }

  void add(long start, long where, int bytes, long nowNs) {
    int slot = takeSlot();
    startTs[slot] = start;
    pointer[slot] = where;
    length[slot] = bytes;
    sinceNs[slot] = nowNs;
    mark[slot] = 0;
    int last = previous[END];
    next[last] = slot;
    previous[slot] = last;
    next[slot] = END;
    previous[END] = slot;
    slots.put(start, slot);
  }

  /** A commit timestamp was met at the end of the log. */
  void raiseLastMark(long ts) {
    raise(previous[END], ts);
  }

  void remove(int slot) {
    raise(previous[slot], mark[slot]);
    next[previous[slot]] = next[slot];
    previous[next[slot]] = previous[slot];
    slots.remove(startTs[slot]);
    next[slot] = firstFree;
    firstFree = slot;
  }

  private void raise(int slot, long ts) {
    if (Long.compareUnsigned(ts, mark[slot]) > 0) {
      mark[slot] = ts;
    }
  }

  /** Largest commit timestamp with no unsettled Prewrite before it in the log. */
  long settledMark() {
    return mark[END];
  }

  long startTs(int slot) {
    return startTs[slot];
  }

  long pointer(int slot) {
    return pointer[slot];
  }

  int length(int slot) {
    return length[slot];
  }

  long sinceNs(int slot) {
    return sinceNs[slot];
  }

  private int takeSlot() {
    if (firstFree != END) {
      int slot = firstFree;
      firstFree = next[slot];
      return slot;
    }
    if (used == startTs.length) {
      int capacity = used * 2;
      startTs = Arrays.copyOf(startTs, capacity);
      pointer = Arrays.copyOf(pointer, capacity);
      sinceNs = Arrays.copyOf(sinceNs, capacity);
      mark = Arrays.copyOf(mark, capacity);
      length = Arrays.copyOf(length, capacity);
      next = Arrays.copyOf(next, capacity);
      previous = Arrays.copyOf(previous, capacity);
    }
    return used++;
  }
}
