package org.tidbbinlog.cluster.tikv;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Optional;
import org.tidbbinlog.base.Tso;

/** Reads the keys of one prefix page by page, over as many regions as there are. */
final class PrefixScan {
  private final TikvSnapshot snapshot;
  private final ByteString end;
  private final Tso ts;
  private final int pageSize;
  private Optional<ByteString> next;

  PrefixScan(TikvSnapshot snapshot, ByteString prefix, Tso ts, int pageSize) {
    this.snapshot = snapshot;
    this.end = endOf(prefix);
    this.ts = ts;
    this.pageSize = pageSize;
    this.next = Optional.of(prefix);
  }

  boolean isDone() {
    return next.isEmpty();
  }

  List<TikvSnapshot.Pair> nextPage() throws InterruptedException {
    TikvSnapshot.Page page = snapshot.page(next.orElseThrow(), end, ts, pageSize);
    next = page.next();
    return page.pairs();
  }

  private static ByteString endOf(ByteString prefix) {
    byte[] bytes = prefix.toByteArray();
    for (int i = bytes.length - 1; i >= 0; i--) {
      if (bytes[i] != (byte) 0xff) {
        bytes[i]++;
        return ByteString.copyFrom(bytes, 0, i + 1);
      }
    }
    throw new IllegalArgumentException("prefix without an end");
  }
}
