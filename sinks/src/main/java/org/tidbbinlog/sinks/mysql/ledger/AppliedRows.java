package org.tidbbinlog.sinks.mysql.ledger;

import java.io.ByteArrayOutputStream;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.tidbbinlog.base.Tso;

/**
 * Rows that are in the target, by commit timestamp and position in their transaction. All numbers
 * are varints; timestamps and starts are differences to what went before.
 *
 * <pre>
 * [transactions] { [commit ts] [rows in all] [ranges] { [start] [length] } }
 * </pre>
 *
 * Not thread-safe.
 */
public final class AppliedRows {
  private final NavigableMap<Long, RowRanges> byCommitTs = new TreeMap<>();

  /** Adds {@code count} rows from {@code firstRow} of a transaction of {@code total} rows. */
  public void add(Tso commitTs, int total, int firstRow, int count) {
    byCommitTs
        .computeIfAbsent(commitTs.value(), ts -> new RowRanges(total))
        .add(firstRow, firstRow + count);
  }

  public void addAll(AppliedRows other) {
    other.byCommitTs.forEach(
        (ts, ranges) ->
            ranges
                .endByStart()
                .forEach((start, end) -> add(new Tso(ts), ranges.total(), start, end - start)));
  }

  public boolean contains(Tso commitTs, int row) {
    RowRanges ranges = byCommitTs.get(commitTs.value());
    return ranges != null && ranges.contains(row);
  }

  /** Rows of the transaction as it was when rows of it were applied; 0 when none were. */
  public int totalOf(Tso commitTs) {
    RowRanges ranges = byCommitTs.get(commitTs.value());
    return ranges == null ? 0 : ranges.total();
  }

  public boolean isEmpty() {
    return byCommitTs.isEmpty();
  }

  public int transactions() {
    return byCommitTs.size();
  }

  /** The largest commit timestamp, or zero. */
  public Tso last() {
    return byCommitTs.isEmpty() ? Tso.ZERO : new Tso(byCommitTs.lastKey());
  }

  public void forgetUpTo(Tso commitTs) {
    byCommitTs.headMap(commitTs.value(), true).clear();
  }

  AppliedRows copyAbove(Tso commitTs) {
    AppliedRows copy = new AppliedRows();
    byCommitTs
        .tailMap(commitTs.value(), false)
        .forEach((ts, ranges) -> copy.byCommitTs.put(ts, ranges.copy()));
    return copy;
  }

  byte[] encode() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    varint(out, byCommitTs.size());
    long previous = 0;
    for (Map.Entry<Long, RowRanges> entry : byCommitTs.entrySet()) {
      varint(out, entry.getKey() - previous);
      previous = entry.getKey();
      varint(out, entry.getValue().total());
      varint(out, entry.getValue().endByStart().size());
      int end = 0;
      for (Map.Entry<Integer, Integer> range : entry.getValue().endByStart().entrySet()) {
        varint(out, range.getKey() - end);
        varint(out, range.getValue() - range.getKey());
        end = range.getValue();
      }
    }
    return out.toByteArray();
  }

  static AppliedRows decode(byte[] bytes) {
    AppliedRows rows = new AppliedRows();
    if (bytes.length == 0) {
      return rows;
    }
    int[] at = {0};
    long transactions = varint(bytes, at);
    long ts = 0;
    for (long i = 0; i < transactions; i++) {
      ts += varint(bytes, at);
      int total = (int) varint(bytes, at);
      long ranges = varint(bytes, at);
      int end = 0;
      for (long j = 0; j < ranges; j++) {
        int start = end + (int) varint(bytes, at);
        int length = (int) varint(bytes, at);
        rows.add(new Tso(ts), total, start, length);
        end = start + length;
      }
    }
    return rows;
  }

  private static void varint(ByteArrayOutputStream out, long value) {
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      out.write((int) ((rest & 0x7F) | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
  }

  private static long varint(byte[] bytes, int[] at) {
    long value = 0;
    for (int shift = 0; shift < 64 && at[0] < bytes.length; shift += 7) {
      byte b = bytes[at[0]++];
      value |= (b & 0x7FL) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw new IllegalArgumentException("a ledger entry is cut short at byte " + at[0]);
  }
}
