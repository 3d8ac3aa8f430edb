package org.tidbbinlog.pump.server;

import java.util.function.Supplier;
import org.tidbbinlog.node.metrics.Buckets;
import org.tidbbinlog.node.metrics.Counter;
import org.tidbbinlog.node.metrics.Family;
import org.tidbbinlog.node.metrics.Gauge;
import org.tidbbinlog.node.metrics.Histogram;
import org.tidbbinlog.node.metrics.Metrics;
import org.tidbbinlog.pump.storage.DiskSpace;
import org.tidbbinlog.pump.storage.StoreObserver;
import org.tidbbinlog.pump.storage.StoreStats;

/** The Pump's numbers under the original's names. Source: pump section 14. */
final class PumpMetrics implements StoreObserver {
  private static final double NS = 1e9;
  private static final String RPC = "binlog_pump_rpc_duration_seconds";
  private static final String STORAGE = "binlog_pump_storage_";

  private final Histogram writeOk;
  private final Histogram writeBad;
  private final Histogram pullOk;
  private final Histogram pullBad;
  private final Counter lost;
  private final Family<Counter> nearPurge;
  private final Gauge capacity;
  private final Gauge available;
  private final Gauge maxCommitTs;
  private final Gauge gcTs;
  private final Gauge doneGcTs;
  private final Counter tikvQueries;
  private final Counter writeErrors;
  private final Counter batchErrors;
  private final Histogram singleSize;
  private final Histogram batchSize;
  private final Histogram singleTime;
  private final Histogram batchTime;
  private final Histogram toDisk;
  private final Histogram fsync;
  private final Histogram rotate;
  private final Counter pullReadErrors;
  private final Counter readErrors;

  PumpMetrics(Metrics metrics) {
    Family<Histogram> rpc =
        metrics.histograms(
            RPC, "Time of an RPC.", Buckets.exponential(0.00005, 2, 18), "method", "label");
    writeOk = rpc.with("WriteBinlog", "succ");
    writeBad = rpc.with("WriteBinlog", "fail");
    pullOk = rpc.with("PullBinlogs", "succ");
    pullBad = rpc.with("PullBinlogs", "fail");
    lost = metrics.counter("binlog_pump_loss_binlog_count", "Binlogs that were not written.");
    nearPurge =
        metrics.counters(
            "binlog_pump_detected_drainer_binlog_purge_count",
            "How often a drainer was seen close to collected binlogs.",
            "id");
    Family<Gauge> space =
        metrics.gauges(STORAGE + "storage_size_bytes", "Space of the data directory.", "type");
    capacity = space.with("capacity");
    available = space.with("available");
    maxCommitTs = metrics.gauge(STORAGE + "max_commit_ts", "Largest sorted commit ts, in ms.");
    gcTs = metrics.gauge(STORAGE + "gc_ts", "Asked end of garbage collection, in ms.");
    doneGcTs = metrics.gauge(STORAGE + "done_gc_ts", "End of garbage collection, in ms.");
    tikvQueries = metrics.counter(STORAGE + "query_tikv_count", "Transactions TiKV was asked for.");
    Family<Counter> errors = metrics.counters(STORAGE + "error_count", "Storage errors.", "type");
    writeErrors = errors.with("write_binlog");
    batchErrors = errors.with("write_binlog_batch");
    readErrors = errors.with("read_value");
    pullReadErrors = errors.with("feed_pre_write_value");
    errors.with("batch_write_kv"); // there is no index to write
    Family<Histogram> sizes =
        metrics.histograms(
            STORAGE + "write_binlog_size",
            "Bytes written at once.",
            Buckets.exponential(16, 2, 25),
            "type");
    singleSize = sizes.with("single");
    batchSize = sizes.with("batch");
    Family<Histogram> times =
        metrics.histograms(
            STORAGE + "write_binlog_duration_time",
            "Seconds a write took.",
            Buckets.exponential(0.00005, 2, 20),
            "type");
    singleTime = times.with("single");
    batchTime = times.with("batch");
    toDisk = times.with("to_disk");
    fsync = times.with("fsync");
    rotate = times.with("rotate");
    withoutCounterpart(metrics);
  }

  /** What dashboards of the original ask for, and this storage has nothing to tell about. */
  private static void withoutCounterpart(Metrics metrics) {
    metrics.counter(
        STORAGE + "deleted_kv_total",
        "Always 0: collection deletes whole files, there is no index with keys.");
    Family<Counter> chaser =
        metrics.counters(
            STORAGE + "slow_chaser_count",
            "Always 0: writers wait for the sorter, no chaser re-reads the log.",
            "type");
    for (String type : new String[] {"turned_on", "turned_off", "recovery", "catch_up"}) {
      chaser.with(type);
    }
    metrics.histogram(
        "binlog_drainer_slow_chaser_catchup_time_seconds", // sic: the original's own slip
        "Always empty: writers wait for the sorter, no chaser re-reads the log.",
        Buckets.exponential(0.001, 2, 22));
  }

  void wrote(long tookNs) {
    writeOk.observe(tookNs / NS);
    singleTime.observe(tookNs / NS);
  }

  void accepted(int sizeBytes) {
    singleSize.observe(sizeBytes);
  }

  @Override
  public void groupWritten(int records, long bytes, long writeNs, long forceNs) {
    batchSize.observe((double) bytes);
    batchTime.observe((writeNs + forceNs) / NS);
    toDisk.observe(writeNs / NS);
    fsync.observe(forceNs / NS);
  }

  @Override
  public void segmentRotated(long tookNs) {
    rotate.observe(tookNs / NS);
  }

  @Override
  public void writeFailed(int records) {
    batchErrors.increment();
    writeErrors.add(records);
  }

  @Override
  public void transactionQueried() {
    tikvQueries.increment();
  }

  /** A record that a pull stream came to could not be read. */
  void pullReadFailed() {
    pullReadErrors.increment();
  }

  /** A record that an operator asked for could not be read. */
  void readFailed() {
    readErrors.increment();
  }

  void writeFailed(long tookNs) {
    writeBad.observe(tookNs / NS);
    lost.increment();
  }

  void pulled(long tookNs) {
    pullOk.observe(tookNs / NS);
  }

  void pullFailed(long tookNs) {
    pullBad.observe(tookNs / NS);
  }

  void drainerNearPurge(String drainerId) {
    nearPurge.with(drainerId).increment();
  }

  void space(DiskSpace space) {
    capacity.set((double) space.capacityBytes());
    available.set((double) space.availableBytes());
  }

  /** From now on the store is asked at each scrape. */
  void follow(Supplier<StoreStats> store) {
    maxCommitTs.follow(() -> (double) store.get().maxCommitTs().physicalMs());
    gcTs.follow(() -> (double) store.get().gcTs().physicalMs());
    doneGcTs.follow(() -> (double) store.get().gcTs().physicalMs());
  }

  long lossCount() {
    return lost.value();
  }
}
