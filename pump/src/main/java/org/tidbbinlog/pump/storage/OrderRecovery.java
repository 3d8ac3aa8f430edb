package org.tidbbinlog.pump.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the order log beside a value log that is already open. Entries the saved state vouches for
 * are taken as they are; entries after them as far as they check, ascend, and point into the value
 * log. An order log that is torn below that, lost, or not ours is thrown away, to be rebuilt.
 */
final class OrderRecovery {
  static final String DAMAGED_MARK = OrderSegment.FOLDER + "/damaged";
  private static final String SUFFIX = ".order";
  private static final int READ_ENTRIES = 4096;
  private static final Logger LOG = LoggerFactory.getLogger(OrderRecovery.class);

  private final Disk disk;
  private final int segmentEntries;
  private final ValueLog values;

  OrderRecovery(Disk disk, int segmentEntries, ValueLog values) {
    this.disk = disk;
    this.segmentEntries = segmentEntries;
    this.values = values;
  }

  /** The order log of the saved state, or empty when it has to be rebuilt. */
  Optional<OrderLog> open(StoreState state) throws IOException {
    if (state.orderId() == 0) {
      return Optional.empty();
    }
    try {
      if (disk.exists(DAMAGED_MARK)) {
        throw new IOException("a reader found a damaged entry");
      }
      return Optional.of(openSegments(state));
    } catch (IOException | CorruptRecordException e) {
      LOG.atWarn()
          .addKeyValue("reason", String.valueOf(e.getMessage()))
          .log("order log unusable, rebuilding it from the value log");
      return Optional.empty();
    }
  }

  /** Removes what is there and begins a new order log. */
  OrderLog startOver(long orderId) throws IOException {
    for (String name : disk.list(OrderSegment.FOLDER)) {
      disk.delete(OrderSegment.FOLDER + "/" + name);
    }
    return new OrderLog(disk, segmentEntries, orderId);
  }

  private OrderLog openSegments(StoreState state) throws IOException {
    List<OrderSegment> found = findSegments(state);
    if (!found.isEmpty()) {
      disk.forceFolder(OrderSegment.FOLDER);
    }
    if (!found.isEmpty() && found.get(0).firstIndex() > state.orderFirst()) {
      throw new IOException("entries before " + found.get(0).firstIndex() + " missing");
    }
    OrderLog log = new OrderLog(disk, segmentEntries, state.orderId());
    for (int i = 0; i < found.size(); i++) {
      if (i > 0 && found.get(i).firstIndex() != log.end()) {
        throw new IOException(
            "entries " + log.end() + " to " + found.get(i).firstIndex() + " missing");
      }
      boolean last = i == found.size() - 1;
      long nextFirst = last ? Long.MAX_VALUE : found.get(i + 1).firstIndex();
      if (!takeWhole(log, found.get(i), nextFirst, state)) {
        dropAfter(found, i);
        break;
      }
    }
    if (log.end() < state.orderEnd()) {
      throw new IOException(
          "it ends at entry " + log.end() + ", but had " + state.orderEnd() + " entries");
    }
    return log;
  }

  private List<OrderSegment> findSegments(StoreState state) throws IOException {
    List<OrderSegment> found = new ArrayList<>();
    for (String name : disk.list(OrderSegment.FOLDER)) {
      if (!name.endsWith(SUFFIX)) {
        continue;
      }
      String file = OrderSegment.FOLDER + "/" + name;
      if (file.compareTo(OrderSegment.fileName(state.orderEnd())) >= 0 && !hasHeader(file)) {
        // Being created when the process ended.
        disk.delete(file);
        continue;
      }
      OrderSegment segment = OrderSegment.open(disk, file);
      if (segment.orderId() != state.orderId()) {
        throw new IOException(segment.name() + " is of another order log");
      }
      found.add(segment);
    }
    return found;
  }

  private boolean hasHeader(String file) {
    try {
      OrderSegment.open(disk, file).close();
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Returns whether all entries that should be in this segment are. */
  private boolean takeWhole(OrderLog log, OrderSegment segment, long nextFirst, StoreState state)
      throws IOException {
    long segmentEnd = Math.min(segment.firstIndex() + segment.capacity(), nextFirst);
    long vouched = Math.min(segmentEnd, Math.max(segment.firstIndex(), state.orderEnd()));
    long lastTs = log.lastTs();
    log.adopt(segment, vouched, lastTs);
    if (vouched > segment.firstIndex()) {
      segment.startsWith(log.read(segment.firstIndex()).commitTs());
      lastTs = log.read(vouched - 1).commitTs();
      log.adopt(segment, vouched, lastTs);
    }
    if (vouched < segmentEnd || nextFirst == Long.MAX_VALUE) {
      takeTail(log, segment, segmentEnd, lastTs);
    }
    return log.end() == segmentEnd;
  }

  private void dropAfter(List<OrderSegment> found, int index) throws IOException {
    for (OrderSegment later : found.subList(index + 1, found.size())) {
      later.close();
      disk.delete(later.name());
    }
  }

  /** Takes entries nobody vouches for as long as they make sense, cuts off the rest. */
  private void takeTail(OrderLog log, OrderSegment segment, long segmentEnd, long lastTsBefore)
      throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(READ_ENTRIES * OrderEntry.BYTES);
    long lastTs = lastTsBefore;
    long index = log.end();
    boolean sound = true;
    while (sound && index < segmentEnd) {
      bytes.clear();
      int count = (int) Math.min(segment.read(index, bytes), segmentEnd - index);
      sound = count > 0;
      long from = index;
      for (int i = 0; sound && i < count; i++) {
        sound = isSound(bytes, i * OrderEntry.BYTES, lastTs);
        if (sound) {
          OrderEntry entry = OrderEntry.get(bytes, i * OrderEntry.BYTES);
          lastTs = entry.commitTs();
          if (index == segment.firstIndex()) {
            segment.startsWith(lastTs);
          }
          NeededUntil.note(values, entry);
          index++;
        }
      }
      // A force of the process before may have failed: then only a new write brings it to disk.
      segment.write(from, bytes.slice(0, (int) (index - from) * OrderEntry.BYTES));
    }
    log.adopt(segment, index, lastTs);
    segment.cutAt(index);
  }

  private boolean isSound(ByteBuffer bytes, int at, long lastTs) {
    if (!OrderEntry.isValid(bytes, at)) {
      return false;
    }
    OrderEntry entry = OrderEntry.get(bytes, at);
    return Long.compareUnsigned(entry.commitTs(), lastTs) > 0
        && isReadable(entry.prewritePointer(), entry.prewriteBytes())
        && isReadable(entry.commitPointer(), entry.commitBytes());
  }

  private boolean isReadable(long pointer, int bytes) {
    return values
        .segment(LogPointer.segment(pointer))
        .filter(segment -> LogPointer.offset(pointer) + Frame.sizeBytes(bytes) <= segment.end())
        .isPresent();
  }
}
