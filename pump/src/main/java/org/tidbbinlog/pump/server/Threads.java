package org.tidbbinlog.pump.server;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.tidbbinlog.node.process.DaemonThread;

/** The two small pools of a Pump, see docs/threads.md. */
final class Threads {
  /** Large binlogs read from the wire that wait for the spill thread; more are refused (I10). */
  private static final int SPILL_WAITING = 64;

  private static final int MAX_PULL_THREADS = 4;

  private Threads() {}

  /** Runs pull streams; its queue holds each open stream at most once. */
  static ExecutorService pulls() {
    int threads =
        Math.min(MAX_PULL_THREADS, Math.max(2, Runtime.getRuntime().availableProcessors()));
    return new ThreadPoolExecutor(
        threads,
        threads,
        0,
        TimeUnit.SECONDS,
        new LinkedBlockingQueue<>(),
        DaemonThread.ofPool("pump-pull"));
  }

  /** One at a time: what large binlogs need is disk bandwidth. */
  static ExecutorService spill() {
    return new ThreadPoolExecutor(
        1,
        1,
        0,
        TimeUnit.SECONDS,
        new ArrayBlockingQueue<>(SPILL_WAITING),
        DaemonThread.ofPool("pump-spill"));
  }
}
