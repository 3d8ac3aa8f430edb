package org.tidbbinlog.testkit.tikv;

import com.google.protobuf.ByteString;
import org.tidbbinlog.codec.bytes.ByteCursor;
import org.tidbbinlog.codec.bytes.ComparableBytes;

/** Comparable-bytes form of raw keys, in which PD keeps region boundaries; empty stays empty. */
final class EncodedKey {
  private EncodedKey() {}

  static ByteString of(ByteString raw) {
    return ByteString.copyFrom(ComparableBytes.encode(raw.toByteArray()));
  }

  static ByteString decode(ByteString encoded) {
    return encoded.isEmpty()
        ? encoded
        : ByteString.copyFrom(ComparableBytes.decode(ByteCursor.over(encoded.toByteArray())));
  }
}
