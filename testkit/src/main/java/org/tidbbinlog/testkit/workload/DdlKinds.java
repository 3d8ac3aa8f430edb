package org.tidbbinlog.testkit.workload;

/** Which DDL a {@link Workload} makes. */
public enum DdlKinds {
  /** What loads always had: a seed goes on meaning the same. */
  USUAL,
  /** Also views, CREATE TABLE LIKE, REMOVE PARTITIONING and EXCHANGE PARTITION. */
  ALL,
  /** Every action of TiDB's list that a target can follow; RECOVER needs what was dropped. */
  EVERY
}
