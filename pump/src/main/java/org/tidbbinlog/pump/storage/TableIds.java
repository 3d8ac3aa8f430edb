package org.tidbbinlog.pump.storage;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Table ids of a serialized {@code PrewriteValue}, without looking at rows. */
final class TableIds {
  private static final int MOST = 100;
  private static final int MUTATIONS = 2;
  private static final int TABLE_ID = 1;

  private TableIds() {}

  /** At most {@value #MOST}; fewer when the value is no PrewriteValue after all. */
  static List<Long> of(ByteBuffer prewriteValue) {
    List<Long> ids = new ArrayList<>();
    ByteBuffer value = prewriteValue.duplicate();
    try {
      while (value.hasRemaining() && ids.size() < MOST) {
        long tag = varint(value);
        if (tag == ((MUTATIONS << 3) | 2)) {
          int length = Math.toIntExact(varint(value));
          ids.add(tableId(value.slice(value.position(), length)));
          value.position(value.position() + length);
        } else {
          varint(value);
        }
      }
    } catch (RuntimeException e) {
      return ids;
    }
    return ids;
  }

  private static long tableId(ByteBuffer mutation) {
    return varint(mutation) == (TABLE_ID << 3) ? varint(mutation) : 0;
  }

  private static long varint(ByteBuffer source) {
    long value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      byte next = source.get();
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        break;
      }
    }
    return value;
  }
}
