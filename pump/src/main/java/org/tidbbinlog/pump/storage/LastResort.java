package org.tidbbinlog.pump.storage;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.node.log.Logging;

/**
 * Ends the process when a thread died that the store cannot do without: a Pump that takes writes
 * and hangs is worse than one that is started again.
 */
final class LastResort implements Thread.UncaughtExceptionHandler {
  static final LastResort HALT = new LastResort();
  private static final int BUG = 1;
  private static final Logger LOG = LoggerFactory.getLogger(LastResort.class);

  private LastResort() {}

  @Override
  public void uncaughtException(Thread thread, Throwable cause) {
    try {
      LOG.atError()
          .addMarker(Logging.FATAL)
          .addKeyValue("thread", thread.getName())
          .setCause(cause)
          .log("storage thread died, the process ends");
      Logging.flush();
    } finally {
      Runtime.getRuntime().halt(BUG);
    }
  }
}
