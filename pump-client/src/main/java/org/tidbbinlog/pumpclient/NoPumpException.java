package org.tidbbinlog.pumpclient;

import org.tidbbinlog.base.RetryableException;

/** No Pump is online; nothing was written. Source: pump-client section 5. */
public final class NoPumpException extends RetryableException {
  private static final long serialVersionUID = 1L;

  NoPumpException() {
    super("no available pump to write binlog");
  }
}
