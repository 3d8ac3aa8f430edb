package org.tidbbinlog.tools.bench;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/**
 * The commit timestamp of every acknowledged transaction by its number: what a pull has to bring. 8
 * bytes a transaction, in chunks. Any thread.
 */
final class Written {
  private static final int CHUNK = 1 << 16;

  private final ConcurrentMap<Long, AtomicLongArray> chunks = new ConcurrentHashMap<>();
  private final LongAdder size = new LongAdder();

  void note(long number, long commitTs) {
    chunks
        .computeIfAbsent(number / CHUNK, index -> new AtomicLongArray(CHUNK))
        .set((int) (number % CHUNK), commitTs);
    size.increment();
  }

  /** 0 for a transaction that was never acknowledged. */
  long commitTs(long number) {
    AtomicLongArray chunk = chunks.get(number / CHUNK);
    return chunk == null ? 0 : chunk.get((int) (number % CHUNK));
  }

  long size() {
    return size.sum();
  }
}
