package org.tidbbinlog.testkit.workload;

import java.util.Arrays;
import java.util.List;

/** What kind of key a table has. */
enum TableShape {
  /** One BIGINT that is the handle. */
  INT_KEY,
  /** One BIGINT UNSIGNED that is the handle. */
  UNSIGNED_KEY,
  /** One clustered VARCHAR. */
  STRING_KEY,
  /** Three clustered columns, the first by a prefix. */
  COMPOSITE_KEY,
  /** A primary key beside the hidden row id, and a unique key over a nullable pair. */
  NONCLUSTERED_KEY,
  /** Only a unique key that may be NULL. */
  UNIQUE_NULLABLE,
  /** Nothing but the hidden row id: equal rows happen. */
  NO_KEY,
  /** An integer handle with a second unique key whose values are swapped. */
  SWAPPED_UNIQUE,
  /** Like INT_KEY, hash partitions by the key. */
  HASH_PARTITIONS,
  /** No key, range partitions. */
  RANGE_PARTITIONS,
  /** INT_KEY and generated columns, stored and virtual. */
  GENERATED,
  /** A primary key of one to three columns of any types, clustered or not. */
  TYPED_KEY,
  /** A primary and a unique key whose texts compare without case, accents and trailing blanks. */
  CASELESS_KEY,
  /** Three unique keys over columns of any types, one of them a prefix; no primary key or one. */
  MANY_UNIQUES,
  /** Unique keys over generated columns, stored and virtual. */
  GENERATED_KEY,
  /** A key that holds the range-partitioning column: rows move between partitions. */
  KEYED_RANGES,
  /** An integer key and a hundred columns. */
  WIDE,
  /**
   * An integer handle, and keys of a few texts that go from row to row, each time with other case,
   * accents or blanks at the end; or the same of a few numbers that a generated column is made of.
   */
  NEAR_KEY;

  /** Those that chance chooses among; seeds go on meaning the same. */
  static final List<TableShape> USUAL =
      Arrays.stream(values()).filter(shape -> shape != NEAR_KEY).toList();
}
