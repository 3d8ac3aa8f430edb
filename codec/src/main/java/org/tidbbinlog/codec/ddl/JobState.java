package org.tidbbinlog.codec.ddl;

/** State of a DDL job; the ordinal is the number on the wire. Source: ddl-meta section 2. */
public enum JobState {
  NONE,
  RUNNING,
  ROLLING_BACK,
  ROLLBACK_DONE,
  DONE,
  CANCELLED,
  SYNCED,
  CANCELLING,
  QUEUEING,
  PAUSED,
  PAUSING;

  private static final JobState[] BY_NUMBER = values();

  /** The state of that number; an unknown number counts as {@link #NONE}. */
  public static JobState of(int number) {
    return number >= 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : NONE;
  }
}
