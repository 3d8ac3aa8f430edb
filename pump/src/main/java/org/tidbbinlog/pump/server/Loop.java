package org.tidbbinlog.pump.server;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.RetryableException;

/**
 * A background job on a thread of its own: runs every {@code period}, measured from the end of the
 * previous run, and when woken. A failed run is logged and the next one comes as usual.
 */
final class Loop implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Loop.class);
  private static final Duration JOIN = Duration.ofSeconds(5);

  /** What still fits into nanoseconds when added to a time. */
  private static final Duration LONGEST = Duration.ofDays(36_500);

  /** One run. */
  interface Job {
    void run() throws InterruptedException;
  }

  private final String name;
  private final Duration period;
  private final Clock clock;
  private final Job job;
  private final Thread thread;
  private Phase phase = Phase.WAITING;

  private enum Phase {
    WAITING,
    WOKEN,
    RUNNING,
    CLOSED
  }

  private Loop(String name, Duration period, Clock clock, Job job) {
    this.name = name;
    this.period = period.compareTo(LONGEST) < 0 ? period : LONGEST;
    this.clock = clock;
    this.job = job;
    this.thread = new Thread(this::loop, "pump-" + name + "-0");
    thread.setDaemon(true);
  }

  /** The first run comes after one period. */
  static Loop every(String name, Duration period, Clock clock, Job job) {
    Loop loop = new Loop(name, period, clock, job);
    loop.thread.start();
    return loop;
  }

  /** Asks for a run now; false when one is running or asked for already. */
  synchronized boolean tryWake() {
    if (phase != Phase.WAITING) {
      return false;
    }
    phase = Phase.WOKEN;
    notifyAll();
    return true;
  }

  private void loop() {
    try {
      while (awaitTurn()) {
        runOnce();
      }
    } catch (InterruptedException e) {
      LOG.atDebug().addKeyValue("loop", name).log("loop interrupted");
    }
  }

  private synchronized boolean awaitTurn() throws InterruptedException {
    if (phase == Phase.RUNNING) {
      phase = Phase.WAITING;
    }
    long deadlineNs = clock.nanoTime() + period.toNanos();
    while (phase == Phase.WAITING) {
      long leftMs = Duration.ofNanos(deadlineNs - clock.nanoTime()).toMillis();
      if (leftMs <= 0) {
        break;
      }
      wait(leftMs);
    }
    if (phase == Phase.CLOSED) {
      return false;
    }
    phase = Phase.RUNNING;
    return true;
  }

  private void runOnce() throws InterruptedException {
    try {
      job.run();
    } catch (RetryableException e) {
      LOG.atWarn()
          .addKeyValue("loop", name)
          .addKeyValue("error", e.getMessage())
          .log("background job failed, it will be tried again");
    } catch (RuntimeException | Error e) {
      LOG.atError().addKeyValue("loop", name).setCause(e).log("background job failed");
    }
  }

  /** Interrupts a run in progress and waits for its end. */
  @Override
  public void close() {
    synchronized (this) {
      phase = Phase.CLOSED;
      notifyAll();
    }
    thread.interrupt();
    try {
      thread.join(JOIN.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
