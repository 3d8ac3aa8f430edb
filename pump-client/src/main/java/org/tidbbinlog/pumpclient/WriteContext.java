package org.tidbbinlog.pumpclient;

import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.tidbbinlog.base.Clock;

/** What all calls of a client share. */
record WriteContext(
    PumpClientSettings settings,
    PumpSet pumps,
    TransactionMemory memory,
    Clock clock,
    ScheduledExecutorService timer,
    AtomicInteger repeated) {

  /** Throws RejectedExecutionException once the client is closed. */
  void later(Duration delay, Runnable step) {
    var unused = timer.schedule(step, delay.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Counts one more repeated Commit, unless there are too many. */
  boolean mayRepeatOneMore() {
    if (repeated.incrementAndGet() <= settings.maxFinishing()) {
      return true;
    }
    repeated.decrementAndGet();
    return false;
  }

  void repeatedOneLess() {
    repeated.decrementAndGet();
  }
}
