package org.tidbbinlog.pump.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The only truth: all records in the order they were acknowledged. The methods under "writer's
 * side" belong to the writer's thread; everything else may be called by all.
 *
 * <p>What is between {@link ValueSegment#end} and the file's end is of no meaning: a failed group,
 * or one being written.
 */
final class ValueLog implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ValueLog.class);

  private final Disk disk;
  private final long segmentBytes;
  private final ConcurrentNavigableMap<Integer, ValueSegment> segments =
      new ConcurrentSkipListMap<>();
  private final Collection<ValueSegment> leaving = new ConcurrentLinkedQueue<>();
  private volatile long end;

  ValueLog(Disk disk, long segmentBytes) {
    this.disk = disk;
    this.segmentBytes = segmentBytes;
  }

  /** Recovery hands over the segments it found, in order. */
  void adopt(ValueSegment segment) {
    segments.put(segment.id(), segment);
    end = LogPointer.of(segment.id(), segment.end());
  }

  // --- writer's side -------------------------------------------------------------------------

  /** The segment the next group goes to; finishes the one before when that is full. */
  ValueSegment requireRoom() throws IOException {
    var last = segments.lastEntry();
    if (last == null) {
      return create(0);
    }
    ValueSegment active = last.getValue();
    if (!active.isFinished() && active.end() <= segmentBytes) {
      return active;
    }
    finish(active);
    return create(active.id() + 1);
  }

  /** What still goes into the segment that {@link #requireRoom} will answer. */
  long roomBytes() {
    var last = segments.lastEntry();
    if (last == null || last.getValue().isFinished() || last.getValue().end() > segmentBytes) {
      return segmentBytes;
    }
    return Math.max(1, segmentBytes - last.getValue().end());
  }

  /** Writes the footer and forces everything; the segment is read-only from here on. */
  void finish(ValueSegment segment) throws IOException {
    if (segment.isFinished()) {
      return;
    }
    segment.file().write(Frame.footer(segment.maxTs()), segment.end());
    segment.file().truncate(segment.end() + Frame.FOOTER_BYTES);
    segment.file().force();
    segment.finish();
    LOG.atInfo()
        .addKeyValue("file", segment.name())
        .addKeyValue("bytes", segment.end())
        .addKeyValue("maxTs", Long.toUnsignedString(segment.maxTs()))
        .log("segment finished");
  }

  private ValueSegment create(int id) throws IOException {
    if (segments.isEmpty()) {
      disk.createFolder(ValueSegment.FOLDER);
      disk.forceFolder("");
    }
    ValueSegment segment = new ValueSegment(id, disk.openOrCreate(ValueSegment.fileName(id)));
    boolean isNamed = false;
    try {
      disk.forceFolder(ValueSegment.FOLDER);
      isNamed = true;
    } finally {
      if (!isNamed) {
        segment.file().close();
      }
    }
    adopt(segment);
    return segment;
  }

  /** A group is on disk: readers may see it. */
  void publish(ValueSegment segment, long newEnd, long maxTs) {
    segment.extend(newEnd, maxTs);
    end = LogPointer.of(segment.id(), newEnd);
  }

  /** Takes away what is behind the last readable record. */
  void cutBack() throws IOException {
    var last = segments.lastEntry();
    if (last != null && !last.getValue().isFinished()) {
      last.getValue().file().truncate(last.getValue().end());
    }
  }

  void forceActive() throws IOException {
    var last = segments.lastEntry();
    if (last != null && !last.getValue().isFinished()) {
      last.getValue().file().force();
    }
  }

  // --- readers' side -------------------------------------------------------------------------

  /** Just after the last readable record. */
  long end() {
    return end;
  }

  Optional<ValueSegment> segment(int id) {
    return Optional.ofNullable(segments.get(id));
  }

  /** The first segment with at least this id. */
  Optional<ValueSegment> segmentFrom(int id) {
    return Optional.ofNullable(segments.ceilingEntry(id)).map(java.util.Map.Entry::getValue);
  }

  /** In log order. */
  Collection<ValueSegment> segments() {
    return segments.values();
  }

  /** The record a pointer names, checked; throws {@link CorruptRecordException} otherwise. */
  ByteBuffer read(ReadWindow window, long pointer, int length) throws IOException {
    ValueSegment segment =
        segment(LogPointer.segment(pointer))
            .orElseThrow(() -> corrupt(pointer, "the segment is gone"));
    long offset = LogPointer.offset(pointer);
    int wholeBytes = Math.toIntExact(Frame.sizeBytes(length));
    if (ReadWindow.isMapped(wholeBytes)) {
      requireReadable(segment, pointer, wholeBytes);
    }
    ByteBuffer frame = window.at(segment.id(), segment.file(), offset, wholeBytes, segment.end());
    if (frame.remaining() < wholeBytes) {
      throw corrupt(pointer, "the record ends after " + frame.remaining() + " bytes");
    }
    if (Frame.magicAt(frame) != Frame.MAGIC || Frame.lengthAt(frame) != length) {
      throw corrupt(pointer, "no record of " + length + " bytes here");
    }
    ByteBuffer payload = frame.slice(Frame.HEADER_BYTES, length);
    if (!ReadWindow.isMapped(wholeBytes)) {
      requireCrc(pointer, Frame.crc(payload), Frame.crcAt(frame));
    }
    return payload;
  }

  /** What is mapped was read before, so that the disk's errors are met here. */
  private static void requireReadable(ValueSegment segment, long pointer, int wholeBytes)
      throws IOException {
    long offset = LogPointer.offset(pointer);
    if (offset + wholeBytes > segment.end()) {
      throw corrupt(pointer, "the record ends after " + (segment.end() - offset) + " bytes");
    }
    ByteBuffer header = ByteBuffer.allocate(Frame.HEADER_BYTES);
    segment.file().read(header, offset);
    int crc =
        Frame.crc(segment.file(), offset + Frame.HEADER_BYTES, wholeBytes - Frame.HEADER_BYTES);
    requireCrc(pointer, crc, Frame.crcAt(header.flip()));
  }

  private static void requireCrc(long pointer, int found, int stored) {
    if (found != stored) {
      throw corrupt(
          pointer,
          "CRC-32C is " + Integer.toHexString(found) + ", stored " + Integer.toHexString(stored));
    }
  }

  private static CorruptRecordException corrupt(long pointer, String what) {
    return new CorruptRecordException(
        ValueSegment.fileName(LogPointer.segment(pointer)), LogPointer.offset(pointer), what);
  }

  /** Bytes from a pointer to the end of the log. */
  long bytesAfter(long pointer) {
    long bytes = 0;
    for (ValueSegment segment : segments.tailMap(LogPointer.segment(pointer)).values()) {
      bytes += segment.end();
    }
    return bytes == 0 ? 0 : Math.max(0, bytes - LogPointer.offset(pointer));
  }

  /** No reader finds these any more; their files are still there. */
  void detach(List<ValueSegment> collected) {
    for (ValueSegment segment : collected) {
      segments.remove(segment.id());
      leaving.add(segment);
    }
  }

  /** Detached and not deleted yet. */
  List<ValueSegment> leaving() {
    return List.copyOf(leaving);
  }

  /** May be called again after a failure. */
  void delete(ValueSegment detached) throws IOException {
    disk.delete(detached.name());
    disk.delete(ProofFile.fileName(detached.id()));
    detached.file().close();
    leaving.remove(detached);
  }

  @Override
  public void close() throws IOException {
    for (ValueSegment segment : segments.values()) {
      segment.file().close();
    }
    for (ValueSegment segment : leaving) {
      segment.file().close();
    }
  }
}
