package org.tidbbinlog.tools.compare;

import java.util.Collections;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How something is defined, in words that are the same for the same definition, whoever says them:
 * {@code column c3} is {@code varchar(64) utf8mb4_bin not null default 'later'}, {@code index u1}
 * is {@code unique (a, b(4))}.
 *
 * @param name database and name, without case
 * @param facets each part of the definition by its name
 */
record ObjectStructure(String name, Kind kind, SortedMap<String, String> facets) {
  /** What a name may stand for. */
  enum Kind {
    TABLE,
    VIEW,
    SEQUENCE
  }

  ObjectStructure {
    facets = Collections.unmodifiableSortedMap(new TreeMap<>(facets));
  }

  static String name(String schema, String table) {
    return (schema + "." + table).toLowerCase(Locale.ROOT);
  }
}
