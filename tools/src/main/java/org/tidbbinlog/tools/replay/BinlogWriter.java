package org.tidbbinlog.tools.replay;

import org.tidbbinlog.codec.binlog.Binlog;

/** Writes a record to a Pump; the two records of a transaction go to the same one. Thread-safe. */
public interface BinlogWriter {
  /** Blocks until a Pump has made a Prewrite durable; other records are on their way. */
  void write(Binlog binlog) throws InterruptedException;
}
