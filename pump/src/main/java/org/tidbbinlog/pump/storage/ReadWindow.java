package org.tidbbinlog.pump.storage;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A read-ahead buffer over one stretch of one file. What does not fit it is read in one piece into
 * a heap buffer of its own, and what is larger than {@value #MAP_FROM_BYTES} bytes is mapped, so
 * that a record of 1 GiB costs no heap. Owned by one thread.
 *
 * <p>An unreadable sector under a mapping is an error of the whole process's memory, not of a read.
 * So whoever asks for a piece that {@link #isMapped} reads it once before, with {@link Frame#crc}.
 */
final class ReadWindow {
  static final int MAP_FROM_BYTES = 16 << 20;

  private final ByteBuffer window;
  private int segment = -1;
  private long start;
  private int filled;

  ReadWindow(int capacityBytes) {
    this(ByteBuffer.allocateDirect(capacityBytes));
  }

  private ReadWindow(ByteBuffer window) {
    this.window = window;
  }

  /** Reads everything in a piece of its own. */
  static ReadWindow none() {
    return new ReadWindow(ByteBuffer.allocate(0));
  }

  /** Whether {@link #at} answers a mapping. */
  static boolean isMapped(long length) {
    return length >= MAP_FROM_BYTES;
  }

  boolean holds(int segmentId, long offset, int length) {
    return segmentId == segment && offset >= start && offset + length <= start + filled;
  }

  /**
   * Bytes of a file; a view that the next call may overwrite when it came from the window.
   *
   * @param end bytes from here on are still being written and are not looked at
   * @return fewer than {@code length} bytes when {@code end} or the file's end comes first
   */
  ByteBuffer at(int segmentId, Disk.DiskFile file, long offset, int length, long end)
      throws IOException {
    int wanted = (int) Math.max(0, Math.min(length, end - offset));
    if (wanted > window.capacity()) {
      return aside(file, offset, wanted);
    }
    if (!holds(segmentId, offset, wanted)) {
      fill(segmentId, file, offset, end);
    }
    int from = (int) (offset - start);
    return window.slice(from, Math.min(wanted, filled - from)).asReadOnlyBuffer();
  }

  private void fill(int segmentId, Disk.DiskFile file, long offset, long end) throws IOException {
    segment = -1;
    window.clear().limit((int) Math.min(window.capacity(), Math.max(0, end - offset)));
    filled = file.read(window, offset);
    window.clear();
    start = offset;
    segment = segmentId;
  }

  private static ByteBuffer aside(Disk.DiskFile file, long offset, int length) throws IOException {
    if (isMapped(length)) {
      return file.map(offset, (int) Math.min(length, Math.max(0, file.size() - offset)));
    }
    ByteBuffer own = ByteBuffer.allocate(length);
    file.read(own, offset);
    return own.flip();
  }
}
