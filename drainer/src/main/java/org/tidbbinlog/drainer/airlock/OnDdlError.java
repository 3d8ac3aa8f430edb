package org.tidbbinlog.drainer.airlock;

/** {@code on-ddl-error}: what becomes of a DDL that the target refuses. */
public enum OnDdlError {
  /** It waits for somebody's choice; what does not depend on it goes on. */
  HOLD,
  /** The Drainer stops with the statement and the ways out, as the original does. */
  STOP
}
