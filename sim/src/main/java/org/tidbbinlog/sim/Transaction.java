package org.tidbbinlog.sim;

import java.util.Set;
import java.util.TreeSet;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.binlog.Binlog;

/** One transaction of TiDB and what is true of it. */
final class Transaction {
  /** What TiKV has decided. */
  enum Fate {
    OPEN,
    COMMITTED,
    ROLLED_BACK
  }

  private final Binlog prewrite;
  private final byte[] prewriteRecord;
  private final Set<String> durableAt = new TreeSet<>();
  private Set<String> heldBy = Set.of();
  private Fate fate = Fate.OPEN;
  private long commitTs;

  Transaction(Binlog prewrite) {
    this.prewrite = prewrite;
    this.prewriteRecord = prewrite.encode();
  }

  long startTs() {
    return prewrite.startTs().value();
  }

  Binlog prewrite() {
    return prewrite;
  }

  byte[] prewriteRecord() {
    return prewriteRecord;
  }

  /** Record of the commit as TiDB sends it. */
  byte[] commitRecord() {
    return Binlog.commitOf(prewrite, new Tso(commitTs)).encode();
  }

  byte[] rollbackRecord() {
    return Binlog.rollbackOf(prewrite).encode();
  }

  /** A Pump has acknowledged its Prewrite. */
  void durableAt(String pump) {
    durableAt.add(pump);
  }

  /** The commit timestamp is asked for now: who has acknowledged by now must deliver it. */
  void beginCommit() {
    heldBy = Set.copyOf(durableAt);
  }

  boolean isHeldBy(String pump) {
    return heldBy.contains(pump);
  }

  Fate fate() {
    return fate;
  }

  long commitTs() {
    return commitTs;
  }

  void commit(long ts) {
    fate = Fate.COMMITTED;
    commitTs = ts;
  }

  void rollBack() {
    fate = Fate.ROLLED_BACK;
  }

  /** Whether a Pump that acknowledged the Prewrite must still have it (I2). */
  boolean isPrewriteNeeded(String pump, long gcTs) {
    return switch (fate) {
      case OPEN -> true;
      case COMMITTED -> isHeldBy(pump) && Long.compareUnsigned(commitTs, gcTs) > 0;
      case ROLLED_BACK -> Long.compareUnsigned(startTs(), gcTs) > 0;
    };
  }
}
