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
    List<OrderSegment> found = new ArrayList<>();
    for (String name : disk.list(OrderSegment.FOLDER)) {
      if (name.endsWith(SUFFIX)) {
        found.add(OrderSegment.open(disk, OrderSegment.FOLDER + "/" + name));
      }
    }
    OrderLog log = new OrderLog(disk, segmentEntries, state.orderId());
    long lastTs = 0;
    for (int i = 0; i < found.size(); i++) {
      OrderSegment segment = found.get(i);
      if (segment.orderId() != state.orderId()) {
        throw new IOException(segment.name() + " is of another order log");
      }
      if (i > 0 && segment.firstIndex() != log.end()) {
        throw new IOException("entries " + log.end() + " to " + segment.firstIndex() + " missing");
      }
      boolean last = i == found.size() - 1;
      long possible = segment.firstIndex() + segment.capacity();
      long segmentEnd = last ? possible : Math.min(possible, found.get(i + 1).firstIndex());
      long vouched = Math.min(segmentEnd, Math.max(segment.firstIndex(), state.orderEnd()));
      log.adopt(segment, vouched, lastTs);
      if (vouched > segment.firstIndex()) {
        segment.startsWith(log.read(segment.firstIndex()).commitTs());
        lastTs = log.read(vouched - 1).commitTs();
        log.adopt(segment, vouched, lastTs);
      }
      if (vouched < segmentEnd || last) {
        lastTs = takeTail(log, segment, segmentEnd, lastTs);
      }
      if (log.end() < segmentEnd) {
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

  private void dropAfter(List<OrderSegment> found, int index) throws IOException {
    for (OrderSegment later : found.subList(index + 1, found.size())) {
      later.close();
      disk.delete(later.name());
    }
  }

  /** Takes entries nobody vouches for as long as they make sense, cuts off the rest. */
  private long takeTail(OrderLog log, OrderSegment segment, long segmentEnd, long lastTsBefore)
      throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(READ_ENTRIES * OrderEntry.BYTES);
    long lastTs = lastTsBefore;
    long index = log.end();
    boolean sound = true;
    while (sound && index < segmentEnd) {
      bytes.clear();
      int count = (int) Math.min(segment.read(index, bytes), segmentEnd - index);
      sound = count > 0;
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
    }
    log.adopt(segment, index, lastTs);
    segment.cutAt(index);
    return lastTs;
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
