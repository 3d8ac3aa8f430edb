package org.tidbbinlog.tools.soak;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/** Some threads that take seed after seed, each with a worker of its own. */
final class SeedRunners implements AutoCloseable {
  private final AtomicLong next;
  private final long endExclusive;
  private final SeedWorker.Source workers;
  private final ExecutorService threads;
  private final List<Future<?>> runners;
  private volatile boolean stopped;

  SeedRunners(SoakPlan plan, int jobs, String threadName, SeedWorker.Source workers) {
    this.next = new AtomicLong(plan.first());
    this.endExclusive = plan.endExclusive();
    this.workers = workers;
    AtomicInteger number = new AtomicInteger();
    this.threads =
        Executors.newFixedThreadPool(
            jobs, task -> new Thread(task, threadName + "-" + number.incrementAndGet()));
    this.runners =
        IntStream.range(0, jobs)
            .<Future<?>>mapToObj(
                i ->
                    threads.submit(
                        () -> {
                          run();
                          return true;
                        }))
            .toList();
  }

  private void run() throws Exception {
    try (SeedWorker worker = workers.open()) {
      long seed = next.getAndIncrement();
      while (seed < endExclusive && !stopped && runOne(worker, seed)) {
        seed = next.getAndIncrement();
      }
    }
  }

  private static boolean runOne(SeedWorker worker, long seed) throws Exception {
    try {
      return worker.run(seed);
    } catch (RuntimeException e) {
      throw new IllegalStateException("seed " + seed + " could not be run", e);
    }
  }

  /** No new seeds. */
  void stop() {
    stopped = true;
  }

  /** True when all have ended; throws what ended one of them early. */
  boolean await(Duration limit) throws InterruptedException {
    long deadlineNs = System.nanoTime() + limit.toNanos();
    for (Future<?> runner : runners) {
      try {
        runner.get(Math.max(0, deadlineNs - System.nanoTime()), TimeUnit.NANOSECONDS);
      } catch (TimeoutException running) {
        return false;
      } catch (ExecutionException e) {
        if (e.getCause() instanceof RuntimeException cause) {
          throw cause;
        }
        throw new IllegalStateException("a seed could not be run", e.getCause());
      }
    }
    return true;
  }

  @Override
  public void close() {
    stopped = true;
    threads.shutdownNow();
    try {
      if (!threads.awaitTermination(30, TimeUnit.SECONDS)) {
        throw new IllegalStateException("a seed does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
