package org.tidbbinlog.drainer.pipeline;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.drainer.merge.Merger;
import org.tidbbinlog.drainer.sink.Sink;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.StageTimes;
import org.tidbbinlog.drainer.source.PulledBinlog;
import org.tidbbinlog.drainer.translate.Translation;
import org.tidbbinlog.drainer.translate.Translator;

/**
 * Moves binlogs from the merge to the sink in order, while their rows are decoded side by side:
 *
 * <pre>
 * merge ─▶ translate thread ─▶ decode threads ─▶ submit thread ─▶ sink
 *          settles names        batches, any order   batches, in order
 * </pre>
 *
 * Bounds (I10): {@code capacity} batches under way; a batch is closed at {@link #BATCH_ITEMS} items
 * or {@link #BATCH_BYTES} bytes. What does not reach the sink is dropped or gives its rows back, so
 * that spilled space is free again.
 */
final class Conveyor {
  private static final Logger LOG = LoggerFactory.getLogger(Conveyor.class);
  private static final int BATCH_ITEMS = 128;
  private static final long BATCH_BYTES = 1 << 20;
  private static final int MAX_DECODERS = 4;
  private static final Duration LOOK_AROUND = Duration.ofMillis(500);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(5);

  /** A batch, complete or up to the first item that failed. */
  private record Decoded(List<SinkItem> items, Optional<Throwable> failure) {
    void giveBackFrom(int index) {
      items.subList(index, items.size()).forEach(SinkItem::giveRowsBack);
    }
  }

  private static final CompletableFuture<Decoded> NOTHING =
      CompletableFuture.completedFuture(new Decoded(List.of(), Optional.empty()));

  private final Merger<PulledBinlog> merger;
  private final Translator translator;
  private final Sink sink;
  private final Acknowledgements failures;
  private final Clock clock;
  private final BlockingQueue<CompletableFuture<Decoded>> underWay;
  private volatile boolean ending;
  private final AtomicInteger queued = new AtomicInteger();
  private final ExecutorService decoders;
  private final Thread translateThread = new Thread(this::translate, "drainer-translate-0");
  private final Thread submitThread = new Thread(this::submit, "drainer-submit-0");

  Conveyor(
      Merger<PulledBinlog> merger,
      Translator translator,
      Sink sink,
      int capacity,
      Acknowledgements failures,
      Clock clock) {
    this.merger = merger;
    this.translator = translator;
    this.sink = sink;
    this.failures = failures;
    this.clock = clock;
    this.underWay = new ArrayBlockingQueue<>(capacity);
    int threads = Math.max(1, Math.min(MAX_DECODERS, Runtime.getRuntime().availableProcessors()));
    AtomicInteger number = new AtomicInteger();
    this.decoders =
        Executors.newFixedThreadPool(
            threads,
            task -> daemon(new Thread(task, "drainer-decode-" + number.getAndIncrement())));
  }

  void start() {
    daemon(translateThread).start();
    daemon(submitThread).start();
  }

  /**
   * Stops all threads. The item that the sink is being given is handed over whole, within {@code
   * limit}; those behind it are dropped.
   *
   * @return false when it was not handed over in time: a part of it may be at the target
   */
  boolean stop(Duration limit) throws InterruptedException {
    ending = true;
    sink.takeNoMore();
    translateThread.interrupt();
    translateThread.join(STOP_LIMIT.toMillis());
    var unused = underWay.offer(NOTHING); // Wakes who waits; who does not sees it by itself.
    submitThread.join(Math.max(1, limit.toMillis()));
    boolean ended = !submitThread.isAlive();
    if (!ended) {
      LOG.atWarn().addKeyValue("limit", limit).log("item given up on its way into the sink");
      submitThread.interrupt();
      submitThread.join(STOP_LIMIT.toMillis());
    }
    dropRest();
    return ended;
  }

  private void dropRest() throws InterruptedException {
    decoders.shutdown(); // What waits for a decoder is dropped there, and not decoded.
    List<CompletableFuture<Decoded>> left = new ArrayList<>();
    underWay.drainTo(left);
    left.forEach(batch -> giveBackFrom(0, batch));
    if (!decoders.awaitTermination(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
      decoders.shutdownNow();
    }
  }

  int queued() {
    return queued.get();
  }

  /** A failure takes its place in the queue, so that all before it still reach the sink. */
  private void translate() {
    guard(
        () -> {
          try {
            while (true) {
              settle(merger.take(BATCH_ITEMS, LOOK_AROUND));
            }
          } catch (RuntimeException | Error e) {
            Decoded nothing = new Decoded(List.of(), Optional.of(e));
            underWay.put(CompletableFuture.completedFuture(nothing));
          }
        });
  }

  private void settle(List<PulledBinlog> binlogs) throws InterruptedException {
    List<Translation> batch = new ArrayList<>(binlogs.size());
    long bytes = 0;
    int settled = 0;
    try {
      for (PulledBinlog binlog : binlogs) {
        binlog.times().mark(StageTimes.Stage.MERGED, clock.nanoTime());
        translator.translate(binlog).ifPresent(batch::add);
        settled++;
        bytes += binlog.sizeBytes();
        if (bytes >= BATCH_BYTES) {
          List<Translation> full = batch;
          batch = new ArrayList<>();
          bytes = 0;
          hand(full);
        }
      }
    } finally {
      binlogs.subList(settled, binlogs.size()).forEach(PulledBinlog::drop);
      if (ending) {
        batch.forEach(Translation::drop); // Whoever was interrupted does not wait for room.
      } else {
        hand(batch);
      }
    }
  }

  private void hand(List<Translation> batch) throws InterruptedException {
    if (batch.isEmpty()) {
      return;
    }
    queued.addAndGet(batch.size());
    CompletableFuture<Decoded> decoded = new CompletableFuture<>();
    try {
      underWay.put(decoded);
    } catch (InterruptedException e) {
      batch.forEach(Translation::drop);
      throw e;
    }
    try {
      decoders.execute(() -> decode(batch, decoded));
    } catch (RejectedExecutionException e) {
      batch.forEach(Translation::drop);
      throw e;
    }
  }

  /** Items before a garbage one are complete: they are kept, and the failure comes after them. */
  private void decode(List<Translation> batch, CompletableFuture<Decoded> decoded) {
    List<SinkItem> items = new ArrayList<>(batch.size());
    Optional<Throwable> failure = Optional.empty();
    try {
      for (int i = 0; i < batch.size() && !ending; i++) {
        items.add(batch.get(i).finish());
      }
    } catch (RuntimeException | Error e) {
      failure = Optional.of(e);
    }
    batch.subList(items.size(), batch.size()).forEach(Translation::drop);
    decoded.complete(new Decoded(items, failure));
  }

  private void submit() {
    guard(
        () -> {
          while (!ending) {
            submitAll(underWay.take());
          }
        });
  }

  private void submitAll(CompletableFuture<Decoded> batch)
      throws InterruptedException, ExecutionException {
    int handedOn = 0;
    try {
      Decoded decoded = batch.get();
      for (SinkItem item : decoded.items) {
        if (ending) {
          return;
        }
        item.times().mark(StageTimes.Stage.SUBMITTED, clock.nanoTime());
        handedOn++;
        sink.submit(item);
        queued.decrementAndGet();
      }
      if (decoded.failure.isPresent()) {
        throw new ExecutionException(decoded.failure.get());
      }
    } finally {
      giveBackFrom(handedOn, batch);
    }
  }

  /** When it is decoded. */
  private static void giveBackFrom(int index, CompletableFuture<Decoded> batch) {
    var unused = batch.thenAccept(decoded -> decoded.giveBackFrom(index));
  }

  private interface Work {
    void run() throws InterruptedException, ExecutionException;
  }

  private void guard(Work work) {
    try {
      work.run();
    } catch (InterruptedException e) {
      LOG.atDebug().addKeyValue("thread", Thread.currentThread().getName()).log("stage stopped");
    } catch (ExecutionException e) {
      failures.onStationFailure(e.getCause() == null ? e : e.getCause());
    } catch (RuntimeException | Error e) {
      failures.onStationFailure(e);
    }
  }

  private static Thread daemon(Thread thread) {
    thread.setDaemon(true);
    return thread;
  }
}
