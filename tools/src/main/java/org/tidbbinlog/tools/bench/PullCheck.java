package org.tidbbinlog.tools.bench;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.BitSet;

/**
 * Whether what a Pump delivers is what was written: ascending commit timestamps, each transaction
 * once, with its own timestamps and its own bytes. One thread.
 */
final class PullCheck {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private final Written written;
  private final byte[] filling;
  private final BitSet seen = new BitSet();
  private long lastCommitTs;
  private long records;
  private long bytes;

  /**
   * @param written empty when the transactions are of an earlier run: then their commit timestamps
   *     are only checked for order
   */
  PullCheck(Written written, int valueBytes, long fromTs) {
    this.written = written;
    this.filling = Transactions.filling(valueBytes);
    this.lastCommitTs = fromTs;
  }

  /** Returns what is wrong with a record, or nothing. */
  String wrong(Pulled record) {
    long commitTs = record.commitTs();
    if (Long.compareUnsigned(commitTs, lastCommitTs) <= 0) {
      return "commit ts " + commitTs + " after " + lastCommitTs;
    }
    lastCommitTs = commitTs;
    if (record.isFake()) {
      return "";
    }
    if (record.valueBytes() != Transactions.MIN_VALUE_BYTES + filling.length) {
      return "value of " + record.valueBytes() + " bytes at commit ts " + commitTs;
    }
    long number = (long) LONG.get(record.message(), record.valueFrom());
    long startTs = (long) LONG.get(record.message(), record.valueFrom() + 8);
    if (startTs != record.startTs()) {
      return "transaction " + number + " has the value of another one";
    }
    int fillingFrom = record.valueFrom() + Transactions.MIN_VALUE_BYTES;
    int fillingTo = fillingFrom + filling.length;
    if (!Arrays.equals(record.message(), fillingFrom, fillingTo, filling, 0, filling.length)) {
      return "transaction " + number + " has other bytes than were written";
    }
    return wrongNumber(number, commitTs, fillingTo - record.valueFrom());
  }

  private String wrongNumber(long number, long commitTs, int valueBytes) {
    if (written.size() > 0 && written.commitTs(number) != commitTs) {
      return "transaction %d has commit ts %d, committed was %d"
          .formatted(number, commitTs, written.commitTs(number));
    }
    if (seen.get((int) number)) {
      return "transaction " + number + " came twice";
    }
    seen.set((int) number);
    records++;
    bytes += valueBytes;
    return "";
  }

  /** Transactions, without heartbeats. */
  long records() {
    return records;
  }

  /** Of values. */
  long bytes() {
    return bytes;
  }
}
