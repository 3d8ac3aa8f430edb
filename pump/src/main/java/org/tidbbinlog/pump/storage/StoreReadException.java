package org.tidbbinlog.pump.storage;

import org.tidbbinlog.base.RetryableException;

/** The disk failed to give what is stored; that says nothing of what is stored. */
public final class StoreReadException extends RetryableException {
  private static final long serialVersionUID = 1L;

  StoreReadException(String what, Throwable cause) {
    super("read " + what + ": " + cause.getMessage(), cause);
  }
}
