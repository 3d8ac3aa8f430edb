package org.tidbbinlog.testkit.tikv;

import com.google.protobuf.ByteString;

/**
 * Comparable-bytes form, in which PD keeps region boundaries.
 *
 * <pre>
 * +----------------+-------------+
 * | 8 bytes        | marker      |  as often as needed; the last group is padded with zeros,
 * +----------------+-------------+  marker = ff - number of padding bytes
 * </pre>
 */
final class EncodedKey {
  private static final int GROUP = 8;

  private EncodedKey() {}

  static ByteString of(ByteString raw) {
    ByteString.Output out = ByteString.newOutput(raw.size() / GROUP * 9 + 9);
    for (int at = 0; at <= raw.size(); at += GROUP) {
      int used = Math.min(GROUP, raw.size() - at);
      for (int i = 0; i < GROUP; i++) {
        out.write(i < used ? raw.byteAt(at + i) : 0);
      }
      out.write(0xff - (GROUP - used));
    }
    return out.toByteString();
  }

  static ByteString decode(ByteString encoded) {
    if (encoded.isEmpty()) {
      return encoded;
    }
    ByteString.Output out = ByteString.newOutput(encoded.size());
    for (int at = 0; at + GROUP < encoded.size(); at += GROUP + 1) {
      int used = GROUP - (0xff - (encoded.byteAt(at + GROUP) & 0xff));
      for (int i = 0; i < used; i++) {
        out.write(encoded.byteAt(at + i));
      }
      if (used < GROUP) {
        return out.toByteString();
      }
    }
    throw new IllegalArgumentException("key is not in comparable-bytes form");
  }
}
