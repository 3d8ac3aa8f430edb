package org.tidbbinlog.sim;

import java.nio.ByteBuffer;
import java.util.function.LongPredicate;

/**
 * One record on its way to a Pump.
 *
 * @param what for the event log
 * @param onDurable called when the Pump says so
 * @param isNeeded whether a Pump whose {@code gcTs} is the argument must still have it
 */
record WrittenRecord(String what, byte[] bytes, Runnable onDurable, LongPredicate isNeeded) {
  long fingerprint() {
    return fingerprint(ByteBuffer.wrap(bytes));
  }

  /** Of a record's bytes; FNV-1a, 64 bits. */
  static long fingerprint(ByteBuffer bytes) {
    long hash = 0xcbf29ce484222325L;
    for (int i = bytes.position(); i < bytes.limit(); i++) {
      hash = (hash ^ (bytes.get(i) & 0xff)) * 0x100000001b3L;
    }
    return hash;
  }
}
