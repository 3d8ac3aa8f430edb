package org.tidbbinlog.pump.storage;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * One delivered timestamp: which records of the value log make it.
 *
 * <pre>
 *  0           8          16                 24      28              36      40       44      48
 * +-----------+----------+------------------+-------+---------------+-------+--------+-------+
 * | commit ts | start ts | prewrite pointer | bytes | commit pointer| bytes | zero   | CRC   |
 * +-----------+----------+------------------+-------+---------------+-------+--------+-------+
 * </pre>
 *
 * Big endian; a pointer is segment id (u32) and offset of the frame (u32); bytes is the payload's
 * length; CRC-32C of the 44 bytes before it. A heartbeat has equal timestamps and both pointers on
 * the same record.
 */
record OrderEntry(
    long commitTs,
    long startTs,
    long prewritePointer,
    int prewriteBytes,
    long commitPointer,
    int commitBytes) {
  static final int BYTES = 48;
  private static final int CRC_AT = 44;

  boolean isFake() {
    return commitTs == startTs;
  }

  void put(ByteBuffer target) {
    int from = target.position();
    target.putLong(commitTs).putLong(startTs);
    target.putLong(prewritePointer).putInt(prewriteBytes);
    target.putLong(commitPointer).putInt(commitBytes).putInt(0);
    target.putInt(crc(target, from));
  }

  static boolean isValid(ByteBuffer source, int at) {
    return source.getInt(at + CRC_AT) == crc(source, at) && source.getLong(at) != 0;
  }

  static OrderEntry get(ByteBuffer source, int at) {
    return new OrderEntry(
        source.getLong(at),
        source.getLong(at + 8),
        source.getLong(at + 16),
        source.getInt(at + 24),
        source.getLong(at + 28),
        source.getInt(at + 36));
  }

  private static int crc(ByteBuffer source, int at) {
    CRC32C crc = new CRC32C();
    crc.update(source.duplicate().limit(at + CRC_AT).position(at));
    return (int) crc.getValue();
  }
}
