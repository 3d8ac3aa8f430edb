package org.tidbbinlog.sim;

import java.util.PriorityQueue;

/** What happens when: the only scheduler and the only clock of the simulated world. */
final class Agenda {
  private record Entry(long atNs, long number, String what, Runnable action)
      implements Comparable<Entry> {
    @Override
    public int compareTo(Entry other) {
      int byTime = Long.compare(atNs, other.atNs);
      return byTime != 0 ? byTime : Long.compare(number, other.number);
    }
  }

  private final PriorityQueue<Entry> entries = new PriorityQueue<>();
  private final EventLog log;
  private long nowNs;
  private long numbers;

  Agenda(EventLog log) {
    this.log = log;
  }

  long nowNs() {
    return nowNs;
  }

  /**
   * @param what for the event log; empty when it says nothing worth a line
   */
  void after(long delayNs, String what, Runnable action) {
    entries.add(new Entry(nowNs + delayNs, numbers++, what, action));
  }

  /** Moves time to the next event and lets it happen; false when there is none before the time. */
  boolean runNext(long untilNs) {
    Entry next = entries.peek();
    if (next == null || next.atNs() > untilNs) {
      return false;
    }
    entries.remove();
    nowNs = next.atNs();
    if (!next.what().isEmpty()) {
      log.add(next.what());
    }
    next.action().run();
    return true;
  }
}
