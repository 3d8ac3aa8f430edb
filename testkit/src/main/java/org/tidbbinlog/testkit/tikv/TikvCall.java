package org.tidbbinlog.testkit.tikv;

/** The calls that a double counts. */
public enum TikvCall {
  GET,
  SCAN,
  CHECK_TXN_STATUS,
  RESOLVE_LOCK,
  MVCC_GET_BY_KEY
}
