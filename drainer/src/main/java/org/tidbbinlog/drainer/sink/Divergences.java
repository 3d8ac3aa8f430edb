package org.tidbbinlog.drainer.sink;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** What a sink has noticed since the start: how many rows, and the latest of them. Thread-safe. */
public final class Divergences {
  private static final int REMEMBERED = 16;

  private final Deque<Divergence> newestFirst = new ArrayDeque<>(REMEMBERED);
  private long count;

  /**
   * A target transaction with it is committed, or stopped because of it.
   *
   * @param rowCount 1, or how many rows when nobody knows which they are
   */
  public synchronized void add(Divergence one, long rowCount) {
    count += rowCount;
    if (newestFirst.size() == REMEMBERED) {
      newestFirst.removeLast();
    }
    newestFirst.addFirst(one);
  }

  /** Rows. */
  public synchronized long count() {
    return count;
  }

  /** The latest, newest first; at most 16. */
  public synchronized List<Divergence> recent() {
    return List.copyOf(newestFirst);
  }
}
