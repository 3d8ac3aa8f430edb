package org.tidbbinlog.sinks.mysql.ddl;

import java.util.Map;
import java.util.TreeMap;

/** Changes to a text by position; what is not mentioned stays as it is. */
final class SqlEdits {
  private record Edit(int end, String text) {}

  private final String sql;
  private final TreeMap<Integer, Edit> edits = new TreeMap<>();

  SqlEdits(String sql) {
    this.sql = sql;
  }

  /**
   * Replaces a stretch; a later one that overlaps an earlier one is ignored. What is inserted at
   * its start stays before it.
   */
  void replace(int start, int end, String text) {
    Edit inserted = edits.get(start);
    if (inserted != null && inserted.end == start && end > start) {
      edits.remove(start);
      replace(start, end, inserted.text + text);
      edits.putIfAbsent(start, inserted);
      return;
    }
    Map.Entry<Integer, Edit> before = edits.lowerEntry(Math.max(end, start + 1));
    boolean overlaps =
        before != null && (before.getValue().end > start || before.getKey() == start);
    if (!overlaps) {
      edits.put(start, new Edit(end, text));
    }
  }

  void insert(int at, String text) {
    Edit there = edits.get(at);
    if (there == null) {
      edits.put(at, new Edit(at, text));
    } else {
      edits.put(at, new Edit(there.end, text + there.text));
    }
  }

  void remove(int start, int end) {
    replace(start, end, " ");
  }

  String result() {
    StringBuilder out = new StringBuilder(sql.length() + 64);
    int from = 0;
    for (Map.Entry<Integer, Edit> edit : edits.entrySet()) {
      if (edit.getKey() < from) {
        continue;
      }
      out.append(sql, from, edit.getKey()).append(edit.getValue().text);
      from = edit.getValue().end;
    }
    return out.append(sql, from, sql.length()).toString();
  }
}
