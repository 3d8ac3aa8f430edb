package org.tidbbinlog.testkit.workload;

import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.binlog.Binlog;

/** Where a workload goes: a time source, TiKV and the Pumps, or doubles of them. */
public interface WorkloadPort {
  Tso timestamp();

  /** Returns when the Pump has acknowledged; throws when it did not take it. */
  void writeBinlog(Binlog binlog);

  void lock(Tso startTs, byte[] primaryKey);

  void commit(Tso startTs, Tso commitTs, byte[] primaryKey);

  void rollback(Tso startTs, byte[] primaryKey);

  void writeMeta(MetaWrite write, Tso commitTs);
}
