package org.tidbbinlog.testkit.workload;

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
  WIDE
}
