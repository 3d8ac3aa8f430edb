package org.tidbbinlog.pump.storage;

import java.util.Locale;

/**
 * A place in the value log as one long, ordered as the log is.
 *
 * <pre>
 *  63        32 31                          0
 * +------------+-----------------------------+
 * | segment id | offset of a frame, unsigned |
 * +------------+-----------------------------+
 * </pre>
 *
 * A segment overshoots its limit by one record at most, so that every frame starts below 4 GiB.
 */
final class LogPointer {
  static final long START = 0;

  private LogPointer() {}

  static long of(int segment, long offset) {
    if (segment < 0 || offset < 0 || offset > 0xffff_ffffL) {
      throw new IllegalArgumentException("no pointer to " + segment + ":" + offset);
    }
    return ((long) segment << 32) | offset;
  }

  static int segment(long pointer) {
    return (int) (pointer >>> 32);
  }

  static long offset(long pointer) {
    return pointer & 0xffff_ffffL;
  }

  static String text(long pointer) {
    return String.format(Locale.ROOT, "%06d:%d", segment(pointer), offset(pointer));
  }
}
