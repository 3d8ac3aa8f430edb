package org.tidbbinlog.pump.storage;

/** Wakes one waiting thread; a signal given before the wait is not lost. */
final class Signal {
  private boolean given;

  synchronized void give() {
    given = true;
    notifyAll();
  }

  /** Returns when a signal was given, after the time at the latest, or for no reason at all. */
  @SuppressWarnings("WaitNotInLoop") // the caller looks for work whatever woke it
  synchronized void await(long maxMs) throws InterruptedException {
    if (!given) {
      wait(maxMs);
    }
    given = false;
  }
}
