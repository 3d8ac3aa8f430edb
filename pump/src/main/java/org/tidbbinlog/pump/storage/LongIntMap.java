package org.tidbbinlog.pump.storage;

import java.util.Arrays;

/**
 * Primitive map from long to a non-negative int: open addressing, linear probing, 12 bytes a place,
 * at most half full. Not thread-safe.
 */
final class LongIntMap {
  static final int ABSENT = -1;

  private long[] keys;
  private int[] values;
  private int size;

  LongIntMap() {
    allocate(64);
  }

  private void allocate(int capacity) {
    keys = new long[capacity];
    values = new int[capacity];
    Arrays.fill(values, ABSENT);
    size = 0;
  }

  int size() {
    return size;
  }

  int get(long key) {
    return values[find(key)];
  }

  boolean contains(long key) {
    return get(key) != ABSENT;
  }

  void put(long key, int value) {
    if (2 * (size + 1) > keys.length) {
      grow();
    }
    int at = find(key);
    if (values[at] == ABSENT) {
      size++;
    }
    keys[at] = key;
    values[at] = value;
  }

  void remove(long key) {
    int hole = find(key);
    if (values[hole] == ABSENT) {
      return;
    }
    size--;
    int mask = keys.length - 1;
    int at = hole;
    while (true) {
      values[hole] = ABSENT;
      int home;
      do {
        at = (at + 1) & mask;
        if (values[at] == ABSENT) {
          return;
        }
        home = home(keys[at]);
      } while (hole <= at ? (hole < home && home <= at) : (hole < home || home <= at));
      keys[hole] = keys[at];
      values[hole] = values[at];
      hole = at;
    }
  }

  private int find(long key) {
    int mask = keys.length - 1;
    int at = home(key);
    while (values[at] != ABSENT && keys[at] != key) {
      at = (at + 1) & mask;
    }
    return at;
  }

  private int home(long key) {
    long mixed = key * 0x9e3779b97f4a7c15L;
    return (int) (mixed ^ (mixed >>> 32)) & (keys.length - 1);
  }

  private void grow() {
    long[] oldKeys = keys;
    int[] oldValues = values;
    allocate(oldKeys.length * 2);
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldValues[i] != ABSENT) {
        put(oldKeys[i], oldValues[i]);
      }
    }
  }
}
