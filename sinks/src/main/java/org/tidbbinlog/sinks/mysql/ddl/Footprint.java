package org.tidbbinlog.sinks.mysql.ddl;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What the tables that a DDL names were like before it ran, as the ledger keeps it with the mark
 * "started":
 *
 * <pre>
 * { [schema] "/" [table] "=" [inner numbers] ":" [hash of the structure] } joined by blanks
 * </pre>
 *
 * Names are lower case, since upstream takes {@code T} and {@code t} for one table.
 */
record Footprint(Map<String, Trace> byTable) {
  static final Footprint NONE = new Footprint(Map.of());

  Footprint {
    byTable = Map.copyOf(byTable);
  }

  /**
   * One table.
   *
   * @param ids the server's own numbers of the table and its partitions: they go with the rows
   * @param structure a hash of its definition without the name
   */
  record Trace(String ids, String structure) {
    static final Trace ABSENT = new Trace("-", "-");
    static final String UNTOLD = "?";

    boolean isThere() {
      return !equals(ABSENT);
    }

    boolean hasIds() {
      return !ids.equals(UNTOLD);
    }
  }

  static String key(String schema, String table) {
    return encoded(schema) + "/" + encoded(table);
  }

  private static String encoded(String name) {
    return URLEncoder.encode(name.toLowerCase(Locale.ROOT), StandardCharsets.UTF_8);
  }

  /** A table that was not looked at counts as one of which nothing is told. */
  Trace of(String schema, String table) {
    return byTable.getOrDefault(key(schema, table), new Trace(Trace.UNTOLD, Trace.UNTOLD));
  }

  boolean hasAllIds() {
    return !byTable.isEmpty() && byTable.values().stream().allMatch(Trace::hasIds);
  }

  Map<String, String> ids() {
    return part(Trace::ids);
  }

  Map<String, String> structures() {
    return part(Trace::structure);
  }

  private Map<String, String> part(java.util.function.Function<Trace, String> of) {
    return byTable.entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, entry -> of.apply(entry.getValue())));
  }

  /** What it becomes when each table on the left takes the name to its right, in order. */
  Footprint renamed(List<TableRef> pairs, String schema) {
    Map<String, Trace> moved = new TreeMap<>(byTable);
    for (int i = 0; i + 1 < pairs.size(); i += 2) {
      String from = key(pairs.get(i).schemaOr(schema), pairs.get(i).table());
      String to = key(pairs.get(i + 1).schemaOr(schema), pairs.get(i + 1).table());
      moved.put(to, moved.getOrDefault(from, Trace.ABSENT));
      moved.put(from, Trace.ABSENT);
    }
    return new Footprint(moved);
  }

  String text() {
    return new TreeMap<>(byTable)
        .entrySet().stream()
            .map(
                entry ->
                    entry.getKey() + "=" + entry.getValue().ids + ":" + entry.getValue().structure)
            .collect(Collectors.joining(" "));
  }

  static Footprint parse(String text) {
    Map<String, Trace> byTable = new TreeMap<>();
    for (String part : text.isEmpty() ? new String[0] : text.split(" ", -1)) {
      int ids = part.indexOf('=');
      int structure = part.indexOf(':', ids + 1);
      if (ids < 0 || structure < 0) {
        return NONE;
      }
      byTable.put(
          part.substring(0, ids),
          new Trace(part.substring(ids + 1, structure), part.substring(structure + 1)));
    }
    return new Footprint(byTable);
  }
}
