package org.tidbbinlog.sim;

import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Takes seed after seed, each in a world of its own, with one thread a job. */
final class SeedRunners implements AutoCloseable {
  /** A soak that fails everywhere need not go on. */
  private static final int MOST_FAILURES = 20;

  private final AtomicLong next;
  private final long end;
  private final int keepEvents;
  private final SimulationSummary summary;
  private final ExecutorService threads;
  private volatile boolean stopping;

  SeedRunners(long first, long count, int jobs, int keepEvents, SimulationSummary summary) {
    this.next = new AtomicLong(first);
    this.end = count == Long.MAX_VALUE ? Long.MAX_VALUE : first + count;
    this.keepEvents = keepEvents;
    this.summary = summary;
    AtomicInteger number = new AtomicInteger();
    this.threads =
        Executors.newFixedThreadPool(
            jobs, task -> new Thread(task, "sim-run-" + number.incrementAndGet()));
    for (int i = 0; i < jobs; i++) {
      threads.execute(this::run);
    }
    threads.shutdown();
  }

  private void run() {
    long seed = next.getAndIncrement();
    while (seed < end && !stopping && summary.failures().size() < MOST_FAILURES) {
      summary.add(Simulation.run(seed, keepEvents));
      seed = next.getAndIncrement();
    }
  }

  /** No new seed is begun. */
  void stop() {
    stopping = true;
  }

  /** Whether all is done; waits so long for it. */
  boolean await(Duration limit) throws InterruptedException {
    return threads.awaitTermination(limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    stopping = true;
  }
}
