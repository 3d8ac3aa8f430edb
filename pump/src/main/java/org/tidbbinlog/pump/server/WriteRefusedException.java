package org.tidbbinlog.pump.server;

import org.slf4j.event.Level;
import org.tidbbinlog.base.RetryableException;

/** This Pump does not take the record; the text is the original's and goes to TiDB as it is. */
final class WriteRefusedException extends RetryableException {
  private static final long serialVersionUID = 1L;
  private final Level level;

  /**
   * @param level how loud the log is about it
   */
  WriteRefusedException(String message, Level level) {
    super(message);
    this.level = level;
  }

  Level level() {
    return level;
  }
}
