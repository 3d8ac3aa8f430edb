package org.tidbbinlog.sinks.mysql.apply;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Uncommitted units of one worker in order. The dispatcher adds and publishes, the worker takes
 * batches and commits; a unit stays in the queue until it is committed. All state under the monitor
 * of {@link Workers}, except the two volatile counters.
 */
final class WorkerQueue {
  private final ArrayDeque<ApplyUnit> units = new ArrayDeque<>();
  private long addedSeq;
  private int published;
  private long doneSeq;
  private volatile long committedSeq;

  /** Adds a unit that the worker does not see yet; its sequence number. */
  long add(ApplyUnit unit) {
    units.add(unit);
    return ++addedSeq;
  }

  long nextSeq() {
    return addedSeq + 1;
  }

  void publish() {
    published = units.size();
  }

  boolean hasUnpublished() {
    return published < units.size();
  }

  int unpublished() {
    return units.size() - published;
  }

  int size() {
    return units.size();
  }

  boolean isIdle() {
    return published == 0;
  }

  boolean isCommitted(long seq) {
    return seq <= committedSeq;
  }

  /** Order of the oldest uncommitted unit. */
  long oldestOrder() {
    ApplyUnit first = units.peekFirst();
    return first == null ? Long.MAX_VALUE : first.order();
  }

  /** The published units from the front, at most so many. */
  List<ApplyUnit> peek(int most) {
    List<ApplyUnit> front = new ArrayList<>(Math.min(most, published));
    for (ApplyUnit unit : units) {
      if (front.size() >= most || front.size() >= published) {
        break;
      }
      front.add(unit);
    }
    return front;
  }

  /** Takes all units out; they count as committed for those that follow. */
  List<ApplyUnit> withdraw() {
    List<ApplyUnit> uncommitted = new ArrayList<>(units);
    units.clear();
    published = 0;
    doneSeq = addedSeq;
    committedSeq = doneSeq;
    return uncommitted;
  }

  void committed(int count) {
    for (int i = 0; i < count; i++) {
      units.removeFirst();
    }
    published -= count;
    doneSeq += count;
    committedSeq = doneSeq;
  }
}
