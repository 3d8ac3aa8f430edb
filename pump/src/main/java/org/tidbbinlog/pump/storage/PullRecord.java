package org.tidbbinlog.pump.storage;

import java.nio.ByteBuffer;
import java.util.List;
import org.tidbbinlog.base.Tso;

/**
 * One delivered transaction or heartbeat. The serialized {@code Binlog} is the concatenation of
 * {@code parts}; small ones have a single heap part, a large value is a mapped slice. Buffers stay
 * valid for as long as they are referenced.
 */
public record PullRecord(Tso startTs, Tso commitTs, List<ByteBuffer> parts) {
  public PullRecord {
    parts = List.copyOf(parts);
  }

  public int sizeBytes() {
    int size = 0;
    for (ByteBuffer part : parts) {
      size = Math.addExact(size, part.remaining());
    }
    return size;
  }

  /** Heartbeats have equal timestamps. */
  public boolean isFake() {
    return startTs.equals(commitTs);
  }

  /** The payload in one piece: a view when it is one, else a copy on the heap. */
  public ByteBuffer payload() {
    if (parts.size() == 1) {
      return parts.get(0).duplicate();
    }
    ByteBuffer whole = ByteBuffer.allocate(sizeBytes());
    for (ByteBuffer part : parts) {
      whole.put(part.duplicate());
    }
    return whole.flip();
  }
}
