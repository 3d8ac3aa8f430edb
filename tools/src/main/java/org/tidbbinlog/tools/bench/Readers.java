package org.tidbbinlog.tools.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.LongAdder;

/**
 * Drainers that catch up while others write: each reads the same stretch again and again. A thread
 * {@code bench-reader-n} each, which only waits.
 */
final class Readers {
  private static final Duration POLL = Duration.ofMillis(20);

  private final PumpRun run;
  private final long fromTs;
  private final LongAdder records = new LongAdder();
  private final List<Thread> threads = new ArrayList<>();
  private final long beginNs = System.nanoTime();
  private final Queue<RuntimeException> failures = new ConcurrentLinkedQueue<>();
  private volatile boolean stopping;

  Readers(PumpRun run, long fromTs) {
    this.run = run;
    this.fromTs = fromTs;
    for (int i = 0; i < run.readers(); i++) {
      int connection = i;
      Thread thread = new Thread(() -> read(connection), "bench-reader-" + i);
      thread.setDaemon(true);
      thread.start();
      threads.add(thread);
    }
  }

  private void read(int connection) {
    try {
      while (!stopping) {
        PullLoad stream = run.stream(connection, fromTs, run.readerRecords());
        while (!stopping && !stream.await(POLL)) {
          // The stream runs on its connection's loop.
        }
        records.add(stream.records());
        if (stopping) {
          stream.cancel();
        } else {
          stream.requireGood();
        }
      }
    } catch (RuntimeException e) {
      failures.add(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** One line for people. */
  String summary() {
    double seconds = (System.nanoTime() - beginNs) / 1e9;
    return "bench: %d readers beside the writes, %,.0f records/s"
        .formatted(threads.size(), records.sum() / seconds);
  }

  /**
   * Waits for all.
   *
   * @throws RuntimeException what ended one of them before
   */
  void stop() throws InterruptedException {
    stopping = true;
    for (Thread thread : threads) {
      thread.join();
    }
    if (!failures.isEmpty()) {
      throw failures.remove();
    }
  }
}
