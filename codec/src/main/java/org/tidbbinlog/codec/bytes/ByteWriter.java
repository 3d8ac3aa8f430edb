package org.tidbbinlog.codec.bytes;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** A growing run of bytes; big-endian unless a method says otherwise. Reusable after a reset. */
public final class ByteWriter {
  private byte[] data;
  private int size;

  public ByteWriter() {
    this(64);
  }

  public ByteWriter(int expectedSize) {
    data = new byte[Math.max(expectedSize, 16)];
  }

  public int size() {
    return size;
  }

  public void reset() {
    size = 0;
  }

  public ByteWriter u8(int value) {
    reserve(1);
    data[size++] = (byte) value;
    return this;
  }

  public ByteWriter be64(long value) {
    reserve(8);
    for (int shift = 56; shift >= 0; shift -= 8) {
      data[size++] = (byte) (value >>> shift);
    }
    return this;
  }

  /** The {@code length} low bytes of the value, highest first. */
  public ByteWriter be(long value, int length) {
    for (int shift = 8 * (length - 1); shift >= 0; shift -= 8) {
      u8((int) (value >>> shift));
    }
    return this;
  }

  /** The {@code length} low bytes of the value, lowest first. */
  public ByteWriter le(long value, int length) {
    for (int i = 0; i < length; i++) {
      u8((int) (value >>> (8 * i)));
    }
    return this;
  }

  /** Overwrites four bytes at an offset that was written before, lowest first. */
  public void setLe32(int offset, int value) {
    for (int i = 0; i < 4; i++) {
      data[offset + i] = (byte) (value >>> (8 * i));
    }
  }

  public ByteWriter uvarint(long value) {
    reserve(10);
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      data[size++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    data[size++] = (byte) rest;
    return this;
  }

  /** The zig-zag form of {@link #uvarint}. */
  public ByteWriter varint(long value) {
    return uvarint((value << 1) ^ (value >> 63));
  }

  public ByteWriter bytes(byte[] bytes) {
    return bytes(bytes, 0, bytes.length);
  }

  public ByteWriter bytes(byte[] bytes, int offset, int length) {
    reserve(length);
    System.arraycopy(bytes, offset, data, size, length);
    size += length;
    return this;
  }

  /** What is between the buffer's position and limit; the position stays. */
  public ByteWriter bytes(ByteBuffer bytes) {
    int length = bytes.remaining();
    reserve(length);
    bytes.get(bytes.position(), data, size, length);
    size += length;
    return this;
  }

  public ByteWriter bytes(ByteWriter other) {
    return bytes(other.data, 0, other.size);
  }

  public byte[] toBytes() {
    return Arrays.copyOf(data, size);
  }

  private void reserve(int more) {
    if (data.length - size < more) {
      data =
          Arrays.copyOf(data, Math.max(Math.addExact(size, more), data.length + data.length / 2));
    }
  }
}
