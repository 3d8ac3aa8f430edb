package org.tidbbinlog.pump.server;

import org.tidbbinlog.node.metrics.Buckets;
import org.tidbbinlog.node.metrics.Counter;
import org.tidbbinlog.node.metrics.Family;
import org.tidbbinlog.node.metrics.Gauge;
import org.tidbbinlog.node.metrics.Histogram;
import org.tidbbinlog.node.metrics.Metrics;
import org.tidbbinlog.pump.storage.DiskSpace;
import org.tidbbinlog.pump.storage.StoreStats;

/** The Pump's numbers under the original's names. Source: pump section 14. */
final class PumpMetrics {
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
    writeErrors =
        metrics.counters(STORAGE + "error_count", "Storage errors.", "type").with("write_binlog");
  }

  void wrote(long tookNs) {
    writeOk.observe(tookNs / NS);
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

  /** Takes over what the store counted. */
  synchronized void store(StoreStats stats) {
    maxCommitTs.set((double) stats.maxCommitTs().physicalMs());
    gcTs.set((double) stats.gcTs().physicalMs());
    doneGcTs.set((double) stats.gcTs().physicalMs());
    raise(tikvQueries, stats.statusQueries());
    raise(writeErrors, stats.failedAppends());
  }

  private static void raise(Counter counter, long total) {
    counter.add(total - counter.value());
  }

  long lossCount() {
    return lost.value();
  }
}
