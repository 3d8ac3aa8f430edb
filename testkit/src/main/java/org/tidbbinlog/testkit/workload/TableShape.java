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
  GENERATED
}
