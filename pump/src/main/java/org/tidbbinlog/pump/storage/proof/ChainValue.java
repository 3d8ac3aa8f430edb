package org.tidbbinlog.pump.storage.proof;

import java.nio.ByteBuffer;
import java.util.Locale;

/** A value of the chain: the 32 bytes of a SHA-256, as four big-endian numbers. */
public record ChainValue(long first, long second, long third, long fourth) {
  public static final int BYTES = 32;

  /** Where a chain begins that continues no other. */
  public static final ChainValue START = new ChainValue(0, 0, 0, 0);

  static ChainValue get(ByteBuffer source, int at) {
    return new ChainValue(
        source.getLong(at),
        source.getLong(at + 8),
        source.getLong(at + 16),
        source.getLong(at + 24));
  }

  void put(ByteBuffer target, int at) {
    target.putLong(at, first);
    target.putLong(at + 8, second);
    target.putLong(at + 16, third);
    target.putLong(at + 24, fourth);
  }

  public boolean isStart() {
    return equals(START);
  }

  /** 64 hex digits. */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%016x%016x%016x%016x", first, second, third, fourth);
  }
}
