package org.tidbbinlog.pump.storage;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.node.process.LastResort;

/** Runs an engine's steps: {@code pump-write-1}, {@code pump-sort-1} and {@code pump-prove-1}. */
final class StoreThreads {
  private static final long IDLE_MS = 200;
  private static final long AFTER_FAILURE_MS = 1000;
  private static final long PROVE_MS = 500;
  private static final Duration AFTER_WRITE_FAILURE = Duration.ofMillis(100);
  private static final long TICK_NS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final Logger LOG = LoggerFactory.getLogger(StoreThreads.class);

  private final StorageEngine engine;
  private final ExecutorService resolvers;
  private final Clock clock;
  private final Ends ends;
  private final Thread writer = new Thread(this::write, "pump-write-1");
  private final Thread sorter = new Thread(this::sort, "pump-sort-1");
  private final Thread prover = new Thread(this::prove, "pump-prove-1");
  private final Signal stop = new Signal();
  private volatile boolean stopping;

  /**
   * How they end.
   *
   * @param stopWithin how long {@link #tryStop} waits for each thread
   * @param died hears of a thread that ended by itself: without it the store hangs
   */
  record Ends(Duration stopWithin, Thread.UncaughtExceptionHandler died) {
    static final Ends DEFAULT = new Ends(Duration.ofSeconds(10), LastResort.HALT);
  }

  StoreThreads(StorageEngine engine, ExecutorService resolvers, Clock clock, Ends ends) {
    this.engine = engine;
    this.resolvers = resolvers;
    this.clock = clock;
    this.ends = ends;
  }

  void start() {
    for (Thread thread : List.of(writer, sorter, prover)) {
      thread.setDaemon(true);
      thread.setUncaughtExceptionHandler(ends.died());
      thread.start();
    }
  }

  private void write() {
    try {
      while (!engine.queue().isDrained()) {
        engine.queue().awaitWork();
        writeGroup();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void writeGroup() throws InterruptedException {
    try {
      engine.writeGroup();
    } catch (RuntimeException | Error e) {
      engine.giveUpGroup(e);
      LOG.atError().setCause(e).log("writing failed, going on");
      clock.sleep(AFTER_WRITE_FAILURE);
    }
  }

  /** An error that is no exception may leave half a step in the sorter: only a start repairs it. */
  private void sort() {
    long lastTick = clock.nanoTime();
    try {
      // What is not sorted yet is sorted by the next start.
      while (!stopping) {
        boolean worked = false;
        try {
          worked = engine.indexStep();
          if (clock.nanoTime() - lastTick >= TICK_NS || engine.isResolveAwaited()) {
            engine.resolveStep();
            lastTick = clock.nanoTime();
          }
        } catch (OrderLogLostException e) {
          ends.died().uncaughtException(Thread.currentThread(), e);
          return;
        } catch (IOException | RuntimeException e) {
          LOG.atError().setCause(e).log("sorting failed, trying again");
          engine.indexWork().await(AFTER_FAILURE_MS);
        }
        if (!worked) {
          engine.indexWork().await(IDLE_MS);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void prove() {
    try {
      while (!stopping) {
        long pauseMs = PROVE_MS;
        try {
          pauseMs = engine.proveStep() ? 0 : PROVE_MS;
        } catch (IOException | RuntimeException | Error e) {
          LOG.atError().setCause(e).log("continuity proof failed, trying again");
          pauseMs = AFTER_FAILURE_MS;
        }
        if (pauseMs > 0) {
          stop.await(pauseMs);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Writes what was accepted and ends. True when no thread uses the engine any more: then it may be
   * closed; else one hangs in the disk, and may go on at any time.
   */
  boolean tryStop() {
    engine.beginClose();
    boolean ended = isJoined(writer);
    stopping = true;
    engine.indexWork().give();
    stop.give();
    resolvers.shutdownNow();
    ended &= isJoined(sorter);
    ended &= isJoined(prover);
    return ended;
  }

  private boolean isJoined(Thread thread) {
    boolean interrupted = false;
    try {
      thread.join(ends.stopWithin().toMillis());
    } catch (InterruptedException e) {
      interrupted = true;
    }
    boolean ended = !thread.isAlive();
    if (!ended) {
      LOG.atError().addKeyValue("thread", thread.getName()).log("storage thread does not end");
      thread.interrupt();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return ended;
  }
}
