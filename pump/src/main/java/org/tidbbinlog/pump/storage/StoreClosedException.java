package org.tidbbinlog.pump.storage;

import org.tidbbinlog.base.RetryableException;

/** The store was closed; another Pump, or this one after its restart, will do. */
public final class StoreClosedException extends RetryableException {
  private static final long serialVersionUID = 1L;

  StoreClosedException() {
    super("storage is closed");
  }
}
