package org.tidbbinlog.cluster.pd;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.net.Links;
import org.tidbbinlog.cluster.time.TimeSource;

/**
 * Timestamps over one long-lived stream to PD's leader. All requests that wait while a round trip
 * is running are answered by the next one, so the load on PD does not grow with the callers. The
 * thread {@code cluster-tso-1} owns the stream; callers only queue and wait, so at most one request
 * a calling thread is queued. At most {@value #MAX_BATCH} requests a round trip.
 */
public final class PdTimeSource implements TimeSource, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PdTimeSource.class);
  private static final int MAX_BATCH = 10_000;
  private static final Duration RECONNECT_DELAY = Duration.ofMillis(50);
  private static final Duration SLOW = Duration.ofMillis(30);

  private final PdClient pd;
  private final Links links;
  private final Clock clock;
  private final PdLimits limits;
  private final LinkedBlockingQueue<Waiting> queue = new LinkedBlockingQueue<>();
  private final Thread thread;
  private volatile boolean closed;
  private Tso last = Tso.ZERO;

  private record Waiting(long endNanos, CompletableFuture<Tso> result) {}

  public PdTimeSource(PdClient pd, Links links, Clock clock, PdLimits limits) {
    this.pd = pd;
    this.links = links;
    this.clock = clock;
    this.limits = limits;
    this.thread = new Thread(this::run, "cluster-tso-1");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public Tso next() throws InterruptedException {
    CompletableFuture<Tso> result = new CompletableFuture<>();
    queue.add(new Waiting(clock.nanoTime() + limits.timestamp().toNanos(), result));
    if (closed) {
      throw new RetryableException("time source is closed");
    }
    try {
      return result.get(
          limits.timestamp().plus(limits.request()).toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new RetryableException(String.valueOf(cause.getMessage()), e);
    } catch (TimeoutException e) {
      throw new RetryableException("PD gave no timestamp within " + limits.timestamp(), e);
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }

  private void run() {
    List<Waiting> batch = new ArrayList<>();
    TsoStream stream = TsoStream.NONE;
    try {
      while (!closed) {
        batch.add(queue.take());
        queue.drainTo(batch, MAX_BATCH - 1);
        while (!batch.isEmpty()) {
          stream = serve(batch, stream);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      stream.close();
      queue.drainTo(batch);
      batch.forEach(w -> w.result().completeExceptionally(new RetryableException("closed")));
    }
  }

  /** One round trip for the batch; answers the stream to use next. Answered requests leave it. */
  private TsoStream serve(List<Waiting> batch, TsoStream stream) throws InterruptedException {
    TsoStream current = stream;
    try {
      if (!current.isUsable()) {
        current = TsoStream.open(pd, links);
      }
      long startNanos = clock.nanoTime();
      TsoStream.Range range = current.take(batch.size(), limits.request());
      warnIfSlow(Duration.ofNanos(clock.nanoTime() - startNanos));
      if (!range.first().isAfter(last)) {
        throw new RetryableException("PD went back in time: " + range.first() + " after " + last);
      }
      last = range.last();
      for (int i = 0; i < batch.size(); i++) {
        batch.get(i).result().complete(range.at(i));
      }
      batch.clear();
      return current;
    } catch (RetryableException e) {
      current.close();
      var unused = pd.board().refresh();
      dropLate(batch, e);
      if (!batch.isEmpty()) {
        clock.sleep(RECONNECT_DELAY);
      }
      return TsoStream.NONE;
    }
  }

  private void dropLate(List<Waiting> batch, RetryableException cause) {
    long now = clock.nanoTime();
    batch.removeIf(
        waiting -> {
          boolean late = waiting.endNanos() - now <= 0;
          if (late) {
            waiting
                .result()
                .completeExceptionally(
                    new RetryableException("PD gave no timestamp: " + cause.getMessage(), cause));
          }
          return late;
        });
  }

  private static void warnIfSlow(Duration took) {
    if (took.compareTo(SLOW) > 0) {
      LOG.atDebug().addKeyValue("cost", took).log("get timestamp too slow");
    }
  }
}
