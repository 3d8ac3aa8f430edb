package org.tidbbinlog.sinks.mysql.ledger;

import java.util.Map;
import java.util.TreeMap;

/**
 * Which rows of one transaction are applied: sorted, merged ranges.
 *
 * @see AppliedRows
 */
final class RowRanges {
  private final int total;
  private final TreeMap<Integer, Integer> endByStart = new TreeMap<>();

  RowRanges(int total) {
    this.total = total;
  }

  int total() {
    return total;
  }

  Map<Integer, Integer> endByStart() {
    return endByStart;
  }

  void add(int start, int end) {
    int from = start;
    int to = end;
    Map.Entry<Integer, Integer> before = endByStart.floorEntry(from);
    if (before != null && before.getValue() >= from) {
      from = before.getKey();
      to = Math.max(to, before.getValue());
    }
    Map.Entry<Integer, Integer> after = endByStart.ceilingEntry(from);
    while (after != null && after.getKey() <= to) {
      to = Math.max(to, after.getValue());
      endByStart.remove(after.getKey());
      after = endByStart.ceilingEntry(from);
    }
    endByStart.put(from, to);
  }

  boolean contains(int row) {
    Map.Entry<Integer, Integer> range = endByStart.floorEntry(row);
    return range != null && range.getValue() > row;
  }

  RowRanges copy() {
    RowRanges copy = new RowRanges(total);
    copy.endByStart.putAll(endByStart);
    return copy;
  }
}
