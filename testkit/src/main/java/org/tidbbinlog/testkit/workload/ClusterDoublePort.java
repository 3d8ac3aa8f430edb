package org.tidbbinlog.testkit.workload;

import java.time.Duration;
import java.util.function.Consumer;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.testkit.ClusterDouble;

/** A workload's way into a {@link ClusterDouble}; binlogs go where the caller says. Thread-safe. */
public final class ClusterDoublePort implements WorkloadPort {
  private static final Duration LOCK_TTL = Duration.ofSeconds(3);

  private final ClusterDouble cluster;
  private final Consumer<Binlog> pump;

  /**
   * @param pump returns when a Pump has acknowledged the binlog
   */
  public ClusterDoublePort(ClusterDouble cluster, Consumer<Binlog> pump) {
    this.cluster = cluster;
    this.pump = pump;
  }

  @Override
  public Tso timestamp() {
    return cluster.pd().nextTso();
  }

  @Override
  public void writeBinlog(Binlog binlog) {
    pump.accept(binlog);
  }

  @Override
  public void lock(Tso startTs, byte[] primaryKey) {
    cluster.tikv().lockTransaction(startTs, primaryKey, LOCK_TTL);
  }

  @Override
  public void commit(Tso startTs, Tso commitTs, byte[] primaryKey) {
    cluster.tikv().commitTransaction(startTs, commitTs, primaryKey);
  }

  @Override
  public void rollback(Tso startTs, byte[] primaryKey) {
    cluster.tikv().rollbackTransaction(startTs, primaryKey);
  }

  @Override
  public void writeMeta(MetaWrite write, Tso commitTs) {
    if (write.isDelete()) {
      cluster.tikv().deleteMeta(write.key().encode(), commitTs);
    } else {
      cluster.tikv().putMeta(write.key().encode(), write.value().toBytes(), commitTs);
    }
  }
}
