package org.tidbbinlog.pump.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What can be pulled, in commit order (I1): entries with strictly ascending commit timestamps,
 * numbered from the first ever. One writer (the indexer), any number of readers, no locks: an entry
 * is there once {@link #end} is above its index. Not forced on the way: what a crash takes is
 * sorted again from the value log.
 */
final class OrderLog implements AutoCloseable {
  private static final int REWRITE_ENTRIES = 4096;
  private static final Logger LOG = LoggerFactory.getLogger(OrderLog.class);

  private final Disk disk;
  private final int segmentEntries;
  private final long orderId;
  private final ConcurrentNavigableMap<Long, OrderSegment> segments = new ConcurrentSkipListMap<>();
  private volatile long end;
  private long lastTs;

  /** Up to here forces succeeded. */
  private long forcedTo;

  /** A force failed: it may have lost what it was for, and the next may succeed without it. */
  private boolean unsure;

  /** Somebody met an entry that is not as it was written. */
  private volatile boolean damaged;

  OrderLog(Disk disk, int segmentEntries, long orderId) {
    this.disk = disk;
    this.segmentEntries = segmentEntries;
    this.orderId = orderId;
  }

  /** Recovery hands over what it found, in order. */
  void adopt(OrderSegment segment, long newEnd, long newLastTs) {
    segments.put(segment.firstIndex(), segment);
    lastTs = newLastTs;
    end = newEnd;
  }

  long orderId() {
    return orderId;
  }

  /** Index after the last entry. */
  long end() {
    return end;
  }

  /** Index of the first entry that was not trimmed. */
  long first() {
    Map.Entry<Long, OrderSegment> entry = segments.firstEntry();
    return entry == null ? end : entry.getKey();
  }

  /** Largest commit timestamp in the log; 0 when it is empty. Indexer only. */
  long lastTs() {
    return lastTs;
  }

  /**
   * Appends entries whose timestamps ascend from {@link #lastTs}, taking what is written off the
   * list, so that it can be called again with the same list after a failure.
   */
  void append(List<OrderEntry> entries) throws IOException {
    while (!entries.isEmpty()) {
      OrderSegment segment = requireRoom();
      long room = segment.firstIndex() + segmentEntries - end;
      List<OrderEntry> part = entries.subList(0, (int) Math.min(room, entries.size()));
      segment.write(end, encode(part));
      if (end == segment.firstIndex()) {
        segment.startsWith(part.get(0).commitTs());
      }
      lastTs = part.get(part.size() - 1).commitTs();
      long newEnd = end + part.size();
      end = newEnd;
      part.clear();
    }
  }

  private ByteBuffer encode(List<OrderEntry> entries) {
    ByteBuffer bytes = ByteBuffer.allocate(entries.size() * OrderEntry.BYTES);
    long before = lastTs;
    for (OrderEntry entry : entries) {
      if (Long.compareUnsigned(entry.commitTs(), before) <= 0) {
        throw new IllegalStateException(
            "I1: commit ts "
                + Long.toUnsignedString(entry.commitTs())
                + " after "
                + Long.toUnsignedString(before));
      }
      before = entry.commitTs();
      entry.put(bytes);
    }
    return bytes.flip();
  }

  private OrderSegment requireRoom() throws IOException {
    Map.Entry<Long, OrderSegment> last = segments.lastEntry();
    if (last != null && end < last.getKey() + segmentEntries) {
      return last.getValue();
    }
    if (last != null) {
      force(last.getValue());
    } else {
      disk.createFolder(OrderSegment.FOLDER);
      disk.forceFolder("");
    }
    OrderSegment created = OrderSegment.create(disk, orderId, end);
    disk.forceFolder(OrderSegment.FOLDER);
    segments.put(end, created);
    return created;
  }

  void force() throws IOException {
    Map.Entry<Long, OrderSegment> last = segments.lastEntry();
    if (last != null) {
      force(last.getValue());
    }
  }

  private void force(OrderSegment segment) throws IOException {
    if (unsure) {
      writeAgain(Math.max(forcedTo, segment.firstIndex()));
    }
    unsure = true;
    segment.force();
    unsure = false;
    forcedTo = end;
  }

  /** What a force was for may be clean in memory and not on the disk: only a write changes that. */
  private void writeAgain(long from) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(REWRITE_ENTRIES * OrderEntry.BYTES);
    long index = from;
    while (index < end) {
      int count = read(index, bytes);
      for (int i = 0; i < Math.max(1, count); i++) {
        if (count == 0 || !OrderEntry.isValid(bytes, i * OrderEntry.BYTES)) {
          throw new IOException(damagedAt(index + i));
        }
      }
      write(index, bytes);
      index += count;
    }
  }

  private void write(long index, ByteBuffer entries) throws IOException {
    Map.Entry<Long, OrderSegment> segment = segments.floorEntry(index);
    if (segment == null) {
      throw new IOException("order log entry " + index + " was trimmed");
    }
    segment.getValue().write(index, entries);
  }

  // --- repair --------------------------------------------------------------------------------

  /** An entry was met that is not as it was written, and {@link #repaired} was not told since. */
  boolean isDamaged() {
    return damaged;
  }

  /** Puts entries in the places of damaged ones, durably; leaves out what was trimmed. */
  void rewrite(long firstIndex, List<OrderEntry> entries) throws IOException {
    for (int done = 0; done < entries.size(); ) {
      long index = firstIndex + done;
      Map.Entry<Long, OrderSegment> segment = segments.floorEntry(index);
      Long next = segments.higherKey(index);
      long limit = next == null ? Long.MAX_VALUE : next;
      int count = (int) Math.min(limit - index, entries.size() - done);
      if (segment != null) {
        ByteBuffer bytes = ByteBuffer.allocate(count * OrderEntry.BYTES);
        entries.subList(done, done + count).forEach(entry -> entry.put(bytes));
        segment.getValue().write(index, bytes.flip());
        segment.getValue().force();
      }
      done += count;
    }
  }

  /** All entries are sound again. */
  void repaired() throws IOException {
    damaged = false;
    disk.delete(OrderRecovery.DAMAGED_MARK);
    disk.forceFolder(OrderSegment.FOLDER);
  }

  /** A commit timestamp below all entries, and not below what was trimmed; 0 when unknown. */
  long beforeFirst() {
    Map.Entry<Long, OrderSegment> first = segments.firstEntry();
    long ts = first == null ? 0 : first.getValue().firstTs();
    return ts == 0 ? 0 : ts - 1;
  }

  // --- readers -------------------------------------------------------------------------------

  /**
   * Reads entries from an index on, as many as fit and lie in one segment.
   *
   * @return how many; 0 when the index is at the end
   * @throws IOException also when the segment was trimmed
   */
  int read(long index, ByteBuffer target) throws IOException {
    Map.Entry<Long, OrderSegment> entry = segments.floorEntry(index);
    if (entry == null) {
      throw new IOException("order log entry " + index + " was trimmed");
    }
    Long nextSegment = segments.higherKey(entry.getKey());
    long limit = Math.min(end, nextSegment == null ? Long.MAX_VALUE : nextSegment);
    int count = (int) Math.min(limit - index, target.capacity() / OrderEntry.BYTES);
    target.clear().limit(Math.max(0, count) * OrderEntry.BYTES);
    int read = count <= 0 ? 0 : entry.getValue().read(index, target);
    target.flip().limit(read * OrderEntry.BYTES); // The file may end within one.
    return read;
  }

  /** One entry, checked. */
  OrderEntry read(long index) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(OrderEntry.BYTES);
    if (read(index, bytes) != 1) {
      throw new IOException("order log entry " + index + " is not there");
    }
    return checked(bytes, 0, index);
  }

  OrderEntry checked(ByteBuffer bytes, int at, long index) {
    if (!OrderEntry.isValid(bytes, at)) {
      throw damagedAt(index);
    }
    return OrderEntry.get(bytes, at);
  }

  /** The entry is not as it was written, or not there; it will be made again. */
  CorruptRecordException damagedAt(long index) {
    try {
      mark();
    } catch (IOException e) {
      // A process that ends before the repair leaves the damage for a reader to find again.
      LOG.atWarn().setCause(e).log("damaged order log not marked");
    }
    damaged = true;
    Map.Entry<Long, OrderSegment> segment = segments.floorEntry(index);
    return new CorruptRecordException(
        segment == null ? OrderSegment.FOLDER : segment.getValue().name(),
        index,
        "entry does not match its CRC; it is made again from the value log, try again later");
  }

  /** Until {@link #repaired} a start makes the order log anew. */
  void mark() throws IOException {
    disk.openOrCreate(OrderRecovery.DAMAGED_MARK).close();
    disk.forceFolder(OrderSegment.FOLDER);
  }

  /** Index of the first entry with a commit timestamp above {@code ts}. */
  long indexAfter(long ts) throws IOException {
    long low = first();
    long high = end;
    for (OrderSegment segment : segments.descendingMap().values()) {
      if (segment.firstIndex() < high
          && segment.firstTs() != 0
          && Long.compareUnsigned(segment.firstTs(), ts) <= 0) {
        low = segment.firstIndex();
        break;
      }
      high = Math.min(high, segment.firstIndex());
    }
    while (low < high) {
      long middle = (low + high) >>> 1;
      if (Long.compareUnsigned(read(middle).commitTs(), ts) <= 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** Index of the first entry left when segments with nothing above {@code ts} are gone. */
  long firstSegmentAbove(long ts) throws IOException {
    long firstLeft = first();
    Long next = segments.higherKey(firstLeft);
    while (next != null && Long.compareUnsigned(read(next - 1).commitTs(), ts) <= 0) {
      firstLeft = next;
      next = segments.higherKey(next);
    }
    return firstLeft;
  }

  /** Deletes the segments before the one at {@code firstLeft}; may be called again on failure. */
  void trim(long firstLeft) throws IOException {
    for (OrderSegment segment : segments.headMap(firstLeft).values()) {
      disk.delete(segment.name());
      segments.remove(segment.firstIndex());
      segment.close();
    }
  }

  @Override
  public void close() throws IOException {
    for (OrderSegment segment : segments.values()) {
      segment.close();
    }
  }
}
