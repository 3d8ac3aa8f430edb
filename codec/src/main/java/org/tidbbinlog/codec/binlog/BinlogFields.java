package org.tidbbinlog.codec.binlog;

/** Field numbers of the Binlog message. Source: pump-protocol section 3. */
final class BinlogFields {
  static final String MESSAGE = "Binlog";
  static final int TP = 1;
  static final int START_TS = 2;
  static final int COMMIT_TS = 3;
  static final int PREWRITE_KEY = 4;
  static final int PREWRITE_VALUE = 5;
  static final int DDL_QUERY = 6;
  static final int DDL_JOB_ID = 7;
  static final int DDL_SCHEMA_STATE = 8;

  private BinlogFields() {}
}
