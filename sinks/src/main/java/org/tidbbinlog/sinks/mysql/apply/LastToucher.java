package org.tidbbinlog.sinks.mysql.apply;

import java.util.function.LongPredicate;

/**
 * The last unit that touched each key: hash to {@link Ticket}. Open addressing; tickets of finished
 * units are dropped when it grows. One thread.
 */
final class LastToucher {
  private static final int FIRST_CAPACITY = 1 << 12;

  private final LongPredicate isDone;
  private long[] keys = new long[FIRST_CAPACITY];
  private long[] tickets = new long[FIRST_CAPACITY];
  private int used;

  /**
   * @param isDone whether the unit of a ticket is committed
   */
  LastToucher(LongPredicate isDone) {
    this.isDone = isDone;
  }

  /** The ticket of the last unit that touched the key, or {@link Ticket#NONE}. */
  long get(long hash) {
    long key = hash == 0 ? 1 : hash;
    int mask = keys.length - 1;
    for (int i = slot(key, mask); keys[i] != 0; i = (i + 1) & mask) {
      if (keys[i] == key) {
        return tickets[i];
      }
    }
    return Ticket.NONE;
  }

  void put(long hash, long ticket) {
    if (used * 2 >= keys.length) {
      sweep();
    }
    insert(hash == 0 ? 1 : hash, ticket);
  }

  void clear() {
    keys = new long[FIRST_CAPACITY];
    tickets = new long[FIRST_CAPACITY];
    used = 0;
  }

  int capacity() {
    return keys.length;
  }

  private void insert(long key, long ticket) {
    int mask = keys.length - 1;
    int i = slot(key, mask);
    while (keys[i] != 0 && keys[i] != key) {
      i = (i + 1) & mask;
    }
    if (keys[i] == 0) {
      keys[i] = key;
      used++;
    }
    tickets[i] = ticket;
  }

  private void sweep() {
    long[] oldKeys = keys;
    long[] oldTickets = tickets;
    int live = 0;
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldKeys[i] != 0 && isDone.test(oldTickets[i])) {
        oldKeys[i] = 0;
      } else if (oldKeys[i] != 0) {
        live++;
      }
    }
    int capacity = FIRST_CAPACITY;
    while (capacity < live * 4) {
      capacity *= 2;
    }
    keys = new long[capacity];
    tickets = new long[capacity];
    used = 0;
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldKeys[i] != 0) {
        insert(oldKeys[i], oldTickets[i]);
      }
    }
  }

  private static int slot(long key, int mask) {
    return (int) (key ^ (key >>> 32)) & mask;
  }
}
