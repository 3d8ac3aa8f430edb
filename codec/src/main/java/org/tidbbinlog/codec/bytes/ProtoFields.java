package org.tidbbinlog.codec.bytes;

import java.nio.ByteBuffer;
import org.tidbbinlog.codec.DecodeException;

/**
 * Walks the fields of one protobuf message. Strict where the original's decoder is: an illegal tag,
 * a wrong wire type of a known field or a missing end is a {@link DecodeException}; unknown fields
 * can be skipped. Source: pump-protocol section 4.
 */
public final class ProtoFields {
  public static final int VARINT = 0;
  public static final int FIXED64 = 1;
  public static final int BYTES = 2;
  private static final int GROUP_START = 3;
  private static final int GROUP_END = 4;
  private static final int FIXED32 = 5;
  private static final int MAX_GROUP_DEPTH = 100;

  private final ByteCursor in;
  private final String message;
  private int number;
  private int wireType;

  public ProtoFields(ByteBuffer buffer, String message) {
    this(ByteCursor.over(buffer), message);
  }

  public ProtoFields(ByteCursor in, String message) {
    this.in = in;
    this.message = message;
  }

  /** Reads the next field's tag; false at the end. */
  public boolean next() {
    if (!in.hasRemaining()) {
      return false;
    }
    int start = in.offset();
    long tag = in.protoVarint();
    number = (int) (tag >>> 3);
    wireType = (int) (tag & 7);
    if (wireType == GROUP_END) {
      throw new DecodeException("proto: " + message + ": wiretype end group for non-group", start);
    }
    if (number <= 0) {
      throw new DecodeException(
          "proto: " + message + ": illegal tag " + number + " (wire type " + wireType + ")", start);
    }
    return true;
  }

  public int number() {
    return number;
  }

  public int offset() {
    return in.offset();
  }

  public long varint() {
    require(VARINT);
    return in.protoVarint();
  }

  /** A view of the field's bytes. */
  public ByteBuffer bytes() {
    return in.slice(bytesLength());
  }

  /** A cursor over the field's bytes; its offsets count from the outer message's start. */
  public ByteCursor window() {
    int length = bytesLength();
    ByteCursor window = in.window(length);
    in.skip(length);
    return window;
  }

  private int bytesLength() {
    require(BYTES);
    return in.requireLength(in.protoVarint(), "proto: " + message + ": field " + number);
  }

  /** True when the current field holds bytes (also: packed numbers). */
  public boolean isBytes() {
    return wireType == BYTES;
  }

  public void skip() {
    skip(wireType, number, 0);
  }

  private void skip(int type, int field, int depth) {
    switch (type) {
      case VARINT -> in.protoVarint();
      case FIXED64 -> in.skip(8);
      case BYTES -> in.skip(in.requireLength(in.protoVarint(), "proto: field " + field));
      case FIXED32 -> in.skip(4);
      case GROUP_START -> skipGroup(depth + 1);
      default -> throw in.fail("proto: illegal wireType " + type);
    }
  }

  private void skipGroup(int depth) {
    if (depth > MAX_GROUP_DEPTH) {
      throw in.fail("proto: groups nested deeper than " + MAX_GROUP_DEPTH);
    }
    while (true) {
      long tag = in.protoVarint();
      int type = (int) (tag & 7);
      if (type == GROUP_END) {
        return;
      }
      skip(type, (int) (tag >>> 3), depth);
    }
  }

  private void require(int wanted) {
    if (wireType != wanted) {
      throw in.fail("proto: " + message + ": wrong wireType " + wireType + " for field " + number);
    }
  }
}
