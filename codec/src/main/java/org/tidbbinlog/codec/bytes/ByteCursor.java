package org.tidbbinlog.codec.bytes;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.tidbbinlog.codec.DecodeException;

/**
 * Reads a buffer from left to right without touching the buffer's own position, so that one buffer
 * serves many cursors. Running out of input or a malformed number is a {@link DecodeException} with
 * the offset from the buffer's position at the start. Not for use by several threads.
 */
public final class ByteCursor {
  private static final int CONTEXT_BYTES = 12;

  private final ByteBuffer data;
  private final int origin;
  private final int limit;
  private int position;

  private ByteCursor(ByteBuffer data, int origin, int position, int limit) {
    this.data = data;
    this.origin = origin;
    this.limit = limit;
    this.position = position;
  }

  /** Reads what is between the buffer's position and limit. */
  public static ByteCursor over(ByteBuffer buffer) {
    ByteBuffer bigEndian = buffer.order() == ByteOrder.BIG_ENDIAN ? buffer : buffer.duplicate();
    return new ByteCursor(bigEndian, buffer.position(), buffer.position(), buffer.limit());
  }

  public static ByteCursor over(byte[] bytes) {
    return over(ByteBuffer.wrap(bytes));
  }

  public boolean hasRemaining() {
    return position < limit;
  }

  public int remaining() {
    return limit - position;
  }

  /** Bytes between the origin and the next byte to read. */
  public int offset() {
    return position - origin;
  }

  public void seek(int offset) {
    if (offset < 0 || offset > limit - origin) {
      throw fail("offset " + offset + " outside of " + (limit - origin) + " bytes");
    }
    position = origin + offset;
  }

  /** The next byte, not consumed. */
  public int peek() {
    require(1);
    return data.get(position) & 0xff;
  }

  public int u8() {
    require(1);
    return data.get(position++) & 0xff;
  }

  public long be64() {
    require(8);
    long value = data.getLong(position);
    position += 8;
    return value;
  }

  public long le64() {
    return Long.reverseBytes(be64());
  }

  public int be32() {
    require(4);
    int value = data.getInt(position);
    position += 4;
    return value;
  }

  public int le32() {
    return Integer.reverseBytes(be32());
  }

  public int le16() {
    require(2);
    int value = data.getShort(position);
    position += 2;
    return Short.reverseBytes((short) value) & 0xffff;
  }

  /** Base-128, low group first, at most ten bytes and 64 bits. */
  public long uvarint() {
    return uvarint(1);
  }

  /** {@link #uvarint()} of a zig-zag value. */
  public long varint() {
    long raw = uvarint();
    return (raw >>> 1) ^ -(raw & 1);
  }

  /** As protobuf readers do it: bits beyond the 64th are dropped. */
  public long protoVarint() {
    return uvarint(0x7f);
  }

  private long uvarint(int maxTenthByte) {
    int at = position;
    if (at < limit) {
      int first = data.get(at);
      if (first >= 0) {
        position = at + 1;
        return first;
      }
    }
    long value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      if (at >= limit) {
        throw fail("insufficient bytes for a varint");
      }
      int next = data.get(at++) & 0xff;
      if (next < 0x80) {
        if (shift == 63 && next > maxTenthByte) {
          throw fail("varint overflow");
        }
        position = at;
        return value | (long) next << shift;
      }
      value |= (long) (next & 0x7f) << shift;
    }
    throw fail("varint overflow");
  }

  public byte[] bytes(int length) {
    require(length);
    byte[] copy = new byte[length];
    data.get(position, copy);
    position += length;
    return copy;
  }

  /** A view of the next bytes, big-endian; nothing is copied. */
  public ByteBuffer slice(int length) {
    require(length);
    ByteBuffer view = data.slice(position, length);
    position += length;
    return view;
  }

  /** A second cursor over the next bytes; its offsets count from where this one's do. */
  public ByteCursor window(int length) {
    require(length);
    return new ByteCursor(data, origin, position, position + length);
  }

  public void skip(int length) {
    require(length);
    position += length;
  }

  /**
   * A length read from the input, checked against what is left of it.
   *
   * @param length as read, any 64-bit value
   */
  public int requireLength(long length, String what) {
    if (length < 0 || length > remaining()) {
      throw fail(
          what + " of " + Long.toUnsignedString(length) + " bytes, " + remaining() + " left");
    }
    return (int) length;
  }

  /**
   * An offset read from the input, relative to {@code start}.
   *
   * @param offset as read, unsigned
   */
  public int requireOffset(int offset, int start) {
    long target = (long) start + Integer.toUnsignedLong(offset);
    if (target > limit - origin) {
      throw fail("offset " + Integer.toUnsignedString(offset) + " points past the end");
    }
    return offset;
  }

  /** The error to throw at the current offset; its context shows the next bytes in hex. */
  public DecodeException fail(String what) {
    StringBuilder hex = new StringBuilder();
    int end = Math.min(limit, position + CONTEXT_BYTES);
    for (int i = position; i < end; i++) {
      hex.append(Character.forDigit(data.get(i) >> 4 & 0xf, 16));
      hex.append(Character.forDigit(data.get(i) & 0xf, 16));
    }
    return new DecodeException(what, offset(), hex.isEmpty() ? "end of input" : "next " + hex);
  }

  private void require(int length) {
    if (length < 0 || length > limit - position) {
      throw fail("insufficient bytes: " + length + " wanted, " + (limit - position) + " left");
    }
  }
}
