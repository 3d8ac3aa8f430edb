package org.tidbbinlog.pumpclient;

import org.tidbbinlog.base.RetryableException;

/**
 * Every Pump refused a Prewrite, or did not answer: its transaction must not commit. A Pump that
 * did not answer may still have stored it. Source: pump-client section 5.
 */
public final class WriteFailedException extends RetryableException {
  private static final long serialVersionUID = 1L;

  WriteFailedException(String lastError) {
    super("write binlog failed, the last error " + lastError);
  }
}
