package org.tidbbinlog.pump.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Locale;

/**
 * One file of the order log: a header, then {@link OrderEntry} after entry.
 *
 * <pre>
 *  0          8         12       16         24         32        60      64
 * +----------+---------+--------+----------+----------+---------+-------+---------+---
 * | TBORDER1 | version | entry  | order id | index of | zero    | CRC   | entry 0 | …
 * |          |   (1)   | bytes  |          | entry 0  |         |       |         |
 * +----------+---------+--------+----------+----------+---------+-------+---------+---
 * </pre>
 *
 * Big endian. Appended to by the indexer, read by all; the index of an entry counts from the first
 * entry ever written to this order log.
 */
final class OrderSegment {
  static final String FOLDER = "order";
  static final int HEADER_BYTES = 64;
  private static final long MAGIC = 0x54424f5244455231L;
  private static final int VERSION = 1;
  private static final int HEADER_CRC_AT = 60;

  private final String name;
  private final Disk.DiskFile file;
  private final long orderId;
  private final long firstIndex;
  private volatile long firstTs;

  private OrderSegment(String name, Disk.DiskFile file, long orderId, long firstIndex) {
    this.name = name;
    this.file = file;
    this.orderId = orderId;
    this.firstIndex = firstIndex;
  }

  static String fileName(long firstIndex) {
    return String.format(Locale.ROOT, FOLDER + "/%016d.order", firstIndex);
  }

  static OrderSegment create(Disk disk, long orderId, long firstIndex) throws IOException {
    String name = fileName(firstIndex);
    OrderSegment segment = new OrderSegment(name, disk.openOrCreate(name), orderId, firstIndex);
    ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
    header.putLong(MAGIC).putInt(VERSION).putInt(OrderEntry.BYTES);
    header.putLong(orderId).putLong(firstIndex);
    header.putInt(HEADER_CRC_AT, Frame.crc(header.duplicate().limit(HEADER_CRC_AT).position(0)));
    segment.file.truncate(0);
    segment.file.write(header.clear(), 0);
    segment.file.force();
    return segment;
  }

  /**
   * @throws IOException when the file has no sound header
   */
  static OrderSegment open(Disk disk, String name) throws IOException {
    Disk.DiskFile file = disk.openOrCreate(name);
    ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
    boolean sound =
        file.read(header, 0) == HEADER_BYTES
            && header.getLong(0) == MAGIC
            && header.getInt(8) == VERSION
            && header.getInt(12) == OrderEntry.BYTES
            && header.getInt(HEADER_CRC_AT)
                == Frame.crc(header.duplicate().limit(HEADER_CRC_AT).position(0));
    if (!sound) {
      file.close();
      throw new IOException(name + " has no order log header of version " + VERSION);
    }
    return new OrderSegment(name, file, header.getLong(16), header.getLong(24));
  }

  String name() {
    return name;
  }

  long orderId() {
    return orderId;
  }

  long firstIndex() {
    return firstIndex;
  }

  /** Commit timestamp of the first entry; 0 while there is none. */
  long firstTs() {
    return firstTs;
  }

  void startsWith(long ts) {
    firstTs = ts;
  }

  /** Entries the file's size allows for, whole ones only. */
  long capacity() throws IOException {
    return Math.max(0, (file.size() - HEADER_BYTES) / OrderEntry.BYTES);
  }

  private long offsetOf(long index) {
    return HEADER_BYTES + (index - firstIndex) * OrderEntry.BYTES;
  }

  void write(long index, ByteBuffer entries) throws IOException {
    file.write(entries, offsetOf(index));
  }

  /** Reads whole entries from an index on; returns how many. */
  int read(long index, ByteBuffer target) throws IOException {
    return file.read(target, offsetOf(index)) / OrderEntry.BYTES;
  }

  void cutAt(long index) throws IOException {
    file.truncate(offsetOf(index));
  }

  void force() throws IOException {
    file.force();
  }

  void close() throws IOException {
    file.close();
  }
}
