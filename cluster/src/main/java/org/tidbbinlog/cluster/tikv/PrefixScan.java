package org.tidbbinlog.cluster.tikv;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import org.tidbbinlog.base.Tso;

/**
 * Reads the keys of one prefix page by page, over as many regions as there are. While the caller
 * works on a page the next one is on its way: a DDL history may hold 100,000 jobs.
 */
final class PrefixScan {
  private final TikvSnapshot snapshot;
  private final ExecutorService readers;
  private final ByteString end;
  private final Tso ts;
  private final int pageSize;
  private Optional<Future<TikvSnapshot.Page>> ahead;

  /** Begins to read at once. */
  PrefixScan(
      TikvSnapshot snapshot, ExecutorService readers, ByteString prefix, Tso ts, int pageSize) {
    this.snapshot = snapshot;
    this.readers = readers;
    this.end = endOf(prefix);
    this.ts = ts;
    this.pageSize = pageSize;
    this.ahead = Optional.of(read(prefix));
  }

  boolean isDone() {
    return ahead.isEmpty();
  }

  List<TikvSnapshot.Pair> nextPage() throws InterruptedException {
    TikvSnapshot.Page page = await(ahead.orElseThrow());
    ahead = page.next().map(this::read);
    return page.pairs();
  }

  private Future<TikvSnapshot.Page> read(ByteString from) {
    return readers.submit(() -> snapshot.page(from, end, ts, pageSize));
  }

  private static TikvSnapshot.Page await(Future<TikvSnapshot.Page> page)
      throws InterruptedException {
    try {
      return page.get();
    } catch (InterruptedException e) {
      page.cancel(true);
      throw e;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    }
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
