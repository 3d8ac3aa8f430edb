package org.tidbbinlog.pump.server;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.time.TimeSource;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.pump.storage.AppendCallback;
import org.tidbbinlog.pump.storage.BinlogStore;

/**
 * Heartbeats in the log: an idle Pump must not hold back the merge of all others. Safe because a
 * Prewrite that reaches the log later gets its commit timestamp later. Written by one thread at a
 * time. Source: pump-protocol section 7.
 */
final class FakeBinlogs {
  private static final long WRITE_LIMIT_S = 10;

  private final TimeSource time;
  private final BinlogStore store;
  private final WriteGate gate;
  private final PumpMetrics metrics;
  private final Clock clock;
  private long seenActivity;

  FakeBinlogs(
      TimeSource time, BinlogStore store, WriteGate gate, PumpMetrics metrics, Clock clock) {
    this.time = time;
    this.store = store;
    this.gate = gate;
    this.metrics = metrics;
    this.clock = clock;
  }

  /** Writes one unless something was written since the last call. */
  void maybeWrite() throws InterruptedException {
    long activity = gate.activity();
    if (activity == seenActivity) {
      write();
    }
    seenActivity = activity;
  }

  /** Writes one, past the checks of state and space, and waits until it is durable. */
  Tso write() throws InterruptedException {
    long startedNs = clock.nanoTime();
    Tso ts = time.next();
    CompletableFuture<Tso> written = new CompletableFuture<>();
    store.append(
        ByteBuffer.wrap(Binlog.fake(ts).encode()),
        new AppendCallback() {
          @Override
          public void durable() {
            written.complete(ts);
          }

          @Override
          public void failed(RuntimeException cause) {
            written.completeExceptionally(cause);
          }
        });
    try {
      written.get(WRITE_LIMIT_S, TimeUnit.SECONDS);
      metrics.wrote(clock.nanoTime() - startedNs);
      return ts;
    } catch (ExecutionException | TimeoutException e) {
      metrics.writeFailed(clock.nanoTime() - startedNs);
      throw new RetryableException("fake binlog " + ts + " not written", e);
    }
  }
}
