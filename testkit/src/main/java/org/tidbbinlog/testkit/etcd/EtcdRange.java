package org.tidbbinlog.testkit.etcd;

import com.google.protobuf.ByteString;
import java.util.Comparator;

/** etcd's range notation: empty end = one key, end {@code \0} = everything from key on. */
final class EtcdRange {
  private static final Comparator<ByteString> ORDER =
      ByteString.unsignedLexicographicalComparator();

  private EtcdRange() {}

  static boolean isOpen(ByteString rangeEnd) {
    return rangeEnd.size() == 1 && rangeEnd.byteAt(0) == 0;
  }

  static boolean isEmpty(ByteString key, ByteString rangeEnd) {
    return ORDER.compare(key, rangeEnd) >= 0;
  }

  static boolean contains(ByteString key, ByteString rangeEnd, ByteString candidate) {
    if (rangeEnd.isEmpty()) {
      return key.equals(candidate);
    }
    return ORDER.compare(key, candidate) <= 0
        && (isOpen(rangeEnd) || ORDER.compare(candidate, rangeEnd) < 0);
  }
}
