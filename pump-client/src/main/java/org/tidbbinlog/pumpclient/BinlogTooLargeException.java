package org.tidbbinlog.pumpclient;

import org.tidbbinlog.base.OperatorException;

/**
 * The Pump takes no message of this size: only this transaction fails, and splitting it is the way
 * out. Source: pump-client section 6.
 */
public final class BinlogTooLargeException extends OperatorException {
  private static final long serialVersionUID = 1L;

  BinlogTooLargeException(String pumpError) {
    super("binlog data is too large (" + pumpError + ")");
  }
}
