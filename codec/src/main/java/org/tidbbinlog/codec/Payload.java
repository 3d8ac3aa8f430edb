package org.tidbbinlog.codec;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * An immutable run of bytes: a read-only view of a buffer, on the heap or mapped. The bytes are not
 * copied, so whoever makes one must not change them afterwards. {@link #ABSENT} (the field is not
 * there) is not {@link #EMPTY} (the field is there, with no bytes): the wire tells them apart.
 */
public final class Payload {
  public static final Payload ABSENT = new Payload(ByteBuffer.allocate(0), false);
  public static final Payload EMPTY = new Payload(ByteBuffer.allocate(0), true);

  private final ByteBuffer view;

  private final boolean present;

  private Payload(ByteBuffer view, boolean present) {
    this.view = view.asReadOnlyBuffer();
    this.present = present;
  }

  /** All bytes of the array, which is not copied. */
  public static Payload of(byte[] bytes) {
    return new Payload(ByteBuffer.wrap(bytes), true);
  }

  /** The bytes between position and limit; the buffer's own position stays. */
  public static Payload of(ByteBuffer buffer) {
    return new Payload(buffer.slice(), true);
  }

  public static Payload ofUtf8(String text) {
    return of(text.getBytes(StandardCharsets.UTF_8));
  }

  public boolean isPresent() {
    return present;
  }

  /** No bytes: absent, or present and empty. */
  public boolean isEmpty() {
    return size() == 0;
  }

  public int size() {
    return view.remaining();
  }

  /** A fresh read-only view, big-endian, position 0. */
  public ByteBuffer buffer() {
    return view.duplicate();
  }

  public byte at(int index) {
    return view.get(index);
  }

  public byte[] toBytes() {
    byte[] copy = new byte[size()];
    view.duplicate().get(copy);
    return copy;
  }

  public String utf8() {
    return StandardCharsets.UTF_8.decode(view.duplicate()).toString();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Payload that && present == that.present && view.equals(that.view);
  }

  @Override
  public int hashCode() {
    return view.hashCode();
  }

  @Override
  public String toString() {
    return present ? size() + " bytes" : "absent";
  }
}
