package org.tidbbinlog.pump.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads the records of one stretch of a segment in order, stepping over what is not a record to the
 * next frame that is, and counting the bytes stepped over. Owned by one thread.
 */
final class SegmentScan {
  /** How much a frame must prove. */
  enum Check {
    /** Payload matches its CRC. */
    CRC,
    /** Magic and a length that fits, unless it is mapped: for what this process wrote itself. */
    FRAME
  }

  private static final int WINDOW_BYTES = 512 << 10;

  private final ReadWindow window;
  private final int segment;
  private final Disk.DiskFile file;
  private long end;
  private Check check;
  private long next;
  private long offset;
  private ByteBuffer payload = ByteBuffer.allocate(0);
  private long lastValidEnd;
  private long skippedBytes;

  SegmentScan(int segment, Disk.DiskFile file, long from, long end, Check check) {
    this.window = new ReadWindow(WINDOW_BYTES);
    this.segment = segment;
    this.file = file;
    this.next = from;
    this.end = end;
    this.check = check;
    this.lastValidEnd = from;
  }

  /** Reads on in another stretch of the same segment. */
  void moveTo(long from, long newEnd, Check newCheck) {
    next = from;
    end = newEnd;
    check = newCheck;
    lastValidEnd = from;
  }

  /** Moves to the next record; false at the end of the stretch. */
  boolean next() throws IOException {
    if (next >= end) {
      return false;
    }
    if (!tryFrame(next) && !findFrame()) {
      skippedBytes += end - next;
      next = end;
      return false;
    }
    lastValidEnd = next;
    return true;
  }

  private boolean tryFrame(long at) throws IOException {
    if (end - at < Frame.HEADER_BYTES) {
      return false;
    }
    ByteBuffer header = window.at(segment, file, at, Frame.HEADER_BYTES, end);
    if (header.remaining() < Frame.HEADER_BYTES || Frame.magicAt(header) != Frame.MAGIC) {
      return false;
    }
    long length = Frame.lengthAt(header);
    int crc = Frame.crcAt(header);
    // The CRC of nothing is 0: a magic before zeros, as a torn write leaves it, is no record.
    if (length <= 0
        || length > end - at - Frame.HEADER_BYTES
        || length > Integer.MAX_VALUE - Frame.HEADER_BYTES) {
      return false;
    }
    long from = at + Frame.HEADER_BYTES;
    if (ReadWindow.isMapped(length) && Frame.crc(file, from, (int) length) != crc) {
      return false;
    }
    ByteBuffer body = window.at(segment, file, from, (int) length, end);
    if (body.remaining() < length || !isWhole(body, crc)) {
      return false;
    }
    offset = at;
    payload = body;
    next = at + Frame.HEADER_BYTES + length;
    return true;
  }

  private boolean isWhole(ByteBuffer body, int crc) {
    boolean isKnown = check == Check.FRAME || ReadWindow.isMapped(body.remaining());
    return isKnown || Frame.crc(body) == crc;
  }

  private boolean findFrame() throws IOException {
    long lost = next;
    for (long at = next + 1; end - at >= Frame.HEADER_BYTES; ) {
      int look = (int) Math.min(64 << 10, end - at);
      ByteBuffer bytes = window.at(segment, file, at, look, end).order(ByteOrder.LITTLE_ENDIAN);
      int hit = indexOfMagic(bytes);
      if (hit >= 0) {
        if (tryFrame(at + hit)) {
          skippedBytes += offset - lost;
          return true;
        }
        at += hit + 1;
      } else if (bytes.remaining() < 4) {
        return false;
      } else {
        at += bytes.remaining() - 3;
      }
    }
    return false;
  }

  private static int indexOfMagic(ByteBuffer bytes) {
    for (int i = 0; i + 4 <= bytes.remaining(); i++) {
      if (bytes.get(i) == (byte) Frame.MAGIC && bytes.getInt(i) == Frame.MAGIC) {
        return i;
      }
    }
    return -1;
  }

  /** Offset of the record's frame. */
  long offset() {
    return offset;
  }

  /** The record's payload; valid until the next call of {@link #next}. */
  ByteBuffer payload() {
    return payload;
  }

  /** Where the next record is looked for. */
  long position() {
    return next;
  }

  /** End of the last record that was read; where the scan began when there was none. */
  long lastValidEnd() {
    return lastValidEnd;
  }

  long skippedBytes() {
    return skippedBytes;
  }
}
