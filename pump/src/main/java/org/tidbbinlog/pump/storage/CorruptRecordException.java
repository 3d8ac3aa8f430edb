package org.tidbbinlog.pump.storage;

/** A stored record does not read back as it was written: names file, offset and what is wrong. */
public final class CorruptRecordException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CorruptRecordException(String file, long offset, String what) {
    super(file + " at " + offset + ": " + what);
  }
}
