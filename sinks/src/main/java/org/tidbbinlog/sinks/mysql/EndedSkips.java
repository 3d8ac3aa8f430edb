package org.tidbbinlog.sinks.mysql;

import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.sinks.mysql.target.TableName;

/**
 * Stretches of the stream in which rows of a table were left out, until the target had the table.
 * Each is forgotten once nothing of it can come any more, so there are as many as people made in
 * what is not acknowledged (I10). Under the gate's lock.
 */
final class EndedSkips {
  private record Skip(TableName table, Tso from, Tso untilExclusive) {
    boolean contains(Tso commitTs) {
      return !from.isAfter(commitTs) && untilExclusive.isAfter(commitTs);
    }
  }

  private final Map<TableName, Set<Skip>> byTable = new HashMap<>();
  private final PriorityQueue<Skip> byEnd =
      new PriorityQueue<>(Comparator.comparing(Skip::untilExclusive));

  void add(TableName table, Tso from, Tso untilExclusive) {
    Skip skip = new Skip(table, from, untilExclusive);
    if (byTable.computeIfAbsent(table, name -> new LinkedHashSet<>()).add(skip)) {
      byEnd.add(skip);
    }
  }

  boolean contains(TableName table, Tso commitTs) {
    for (Skip skip : byTable.getOrDefault(table, Set.of())) {
      if (skip.contains(commitTs)) {
        return true;
      }
    }
    return false;
  }

  /** Nothing up to here comes again. */
  void forgetUpTo(Tso watermark) {
    while (!byEnd.isEmpty() && !byEnd.element().untilExclusive.isAfter(watermark)) {
      Skip past = byEnd.remove();
      Set<Skip> ofTable = byTable.getOrDefault(past.table, Set.of());
      ofTable.remove(past);
      if (ofTable.isEmpty()) {
        byTable.remove(past.table);
      }
    }
  }

  boolean isEmpty() {
    return byEnd.isEmpty();
  }

  int size() {
    return byEnd.size();
  }
}
