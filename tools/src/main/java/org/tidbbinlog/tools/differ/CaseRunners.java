package org.tidbbinlog.tools.differ;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.tidbbinlog.tools.compare.TargetAddress;

/** Some threads that take seed after seed, each on a server of its own. */
final class CaseRunners implements AutoCloseable {
  private final AtomicLong next;
  private final long end;
  private final Optional<TargetAddress> target;
  private final DifferSummary summary;
  private final ExecutorService threads;
  private final List<Future<?>> runners;
  private volatile boolean stopped;

  CaseRunners(
      long first, long count, int jobs, Optional<TargetAddress> target, DifferSummary summary) {
    this.next = new AtomicLong(first);
    this.end = count == Long.MAX_VALUE ? Long.MAX_VALUE : first + count;
    this.target = target;
    this.summary = summary;
    AtomicInteger number = new AtomicInteger();
    this.threads =
        Executors.newFixedThreadPool(
            jobs, task -> new Thread(task, "differ-run-" + number.incrementAndGet()));
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

  private void run() throws SQLException, InterruptedException {
    try (Differ differ = Differ.open(target, Differ.Telling.STORY)) {
      for (long seed = next.getAndIncrement();
          seed < end && !stopped;
          seed = next.getAndIncrement()) {
        summary.add(differ.run(seed));
      }
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
        throw new IllegalStateException("a case could not be run", e.getCause());
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
        throw new IllegalStateException("a case does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
