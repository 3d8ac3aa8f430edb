package org.tidbbinlog.tools.bench.drain;

import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.codec.mutation.PrewriteValueBuilder;
import org.tidbbinlog.pumpclient.PumpClient;
import org.tidbbinlog.testkit.ClusterDouble;

/**
 * Single-row transactions at a steady rate: two inserts, then two updates of what is there. Its
 * thread {@code bench-load-1} begins them, the Pump Client's carry them on.
 */
final class SteadyLoad implements AutoCloseable {
  private static final int MOST_UNDER_WAY = 2000;

  private final long periodNs;
  private final GeneratedTable table;
  private final long schemaVersion;
  private final ClusterDouble cluster;
  private final PumpClient pumps;
  private final AtomicLong begun = new AtomicLong();
  private final AtomicLong done = new AtomicLong();
  private final Random random = new Random(2);
  private final Thread thread = new Thread(this::run, "bench-load-1");
  private final long beginNs = System.nanoTime();
  private volatile boolean stopped;

  private SteadyLoad(
      int rate, GeneratedTable table, long schemaVersion, ClusterDouble cluster, PumpClient pumps) {
    this.periodNs = 1_000_000_000L / rate;
    this.table = table;
    this.schemaVersion = schemaVersion;
    this.cluster = cluster;
    this.pumps = pumps;
  }

  static SteadyLoad start(
      int rate, GeneratedTable table, long schemaVersion, ClusterDouble cluster, PumpClient pumps) {
    SteadyLoad load = new SteadyLoad(rate, table, schemaVersion, cluster, pumps);
    load.thread.setDaemon(true);
    load.thread.start();
    return load;
  }

  /** Prewrite, commit timestamp, Commit; done when the Commit is acknowledged. */
  static CompletableFuture<Void> transaction(
      PrewriteValueBuilder rows, byte[] key, ClusterDouble cluster, PumpClient pumps)
      throws InterruptedException {
    Binlog prewrite =
        Binlog.prewrite(cluster.pd().nextTso(), Payload.of(key), Payload.of(rows.toBytes()));
    return pumps
        .writeAsync(prewrite)
        .thenCompose(acknowledged -> commit(prewrite, cluster.pd().nextTso(), pumps));
  }

  private static CompletableFuture<Void> commit(Binlog prewrite, Tso commitTs, PumpClient pumps) {
    try {
      return pumps.writeAsync(Binlog.commitOf(prewrite, commitTs));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return CompletableFuture.failedFuture(e);
    }
  }

  private void run() {
    try {
      long dueNs = System.nanoTime();
      while (!stopped) {
        if (begun.get() - done.get() < MOST_UNDER_WAY) {
          begin();
        }
        dueNs += periodNs;
        LockSupport.parkNanos(dueNs - System.nanoTime());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void begin() throws InterruptedException {
    PrewriteValueBuilder rows = new PrewriteValueBuilder(schemaVersion);
    long number = begun.incrementAndGet();
    long key;
    if (number % 4 < 2 || table.rowCount() == 0) {
      key = table.rowCount() + 1L;
      table.insert(key, random.nextLong(), rows);
    } else {
      key = 1L + random.nextInt(table.rowCount());
      table.update(key, random.nextLong(), rows);
    }
    var unused =
        transaction(rows, table.key(key), cluster, pumps)
            .whenComplete((none, failure) -> done.incrementAndGet());
  }

  /** Acknowledged so far. */
  double perSecond() {
    return done.get() * 1e9 / (System.nanoTime() - beginNs);
  }

  @Override
  public void close() {
    stopped = true;
  }
}
