package org.tidbbinlog.pump.storage;

/** Bytes offered for storage that are not a serialized {@code Binlog}. */
public final class InvalidRecordException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  InvalidRecordException(String what) {
    super(what);
  }
}
