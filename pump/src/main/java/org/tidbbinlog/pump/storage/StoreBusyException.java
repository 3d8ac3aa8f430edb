package org.tidbbinlog.pump.storage;

import org.tidbbinlog.base.RetryableException;

/** The bound on queued bytes is reached; the writer of the record should come again. */
public final class StoreBusyException extends RetryableException {
  private static final long serialVersionUID = 1L;

  StoreBusyException(long queuedBytes, long boundBytes) {
    super("storage busy: " + queuedBytes + " bytes queued, bound " + boundBytes);
  }
}
