package org.tidbbinlog.pump.storage;

import org.tidbbinlog.base.RetryableException;

/** The disk refused a write or a force; nothing of the group was acknowledged. */
public final class StoreWriteException extends RetryableException {
  private static final long serialVersionUID = 1L;

  StoreWriteException(String file, Throwable cause) {
    super("write " + file + ": " + cause.getMessage(), cause);
  }
}
