package org.tidbbinlog.node.process;

import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.node.log.Logging;

/**
 * Ends the process when a thread died of what nobody caught: a node that takes work and hangs is
 * worse than one that is started again, which loses nothing (I2, I7).
 */
public final class LastResort implements Thread.UncaughtExceptionHandler {
  public static final LastResort HALT = new LastResort(() -> false);
  private static final int BUG = 1;
  private static final Logger LOG = LoggerFactory.getLogger(LastResort.class);

  private final BooleanSupplier stopping;

  private LastResort(BooleanSupplier stopping) {
    this.stopping = stopping;
  }

  /** For all threads of the process; while it stops in order, its exit code counts. */
  public static void forAllThreadsOf(NodeProcess process) {
    Thread.setDefaultUncaughtExceptionHandler(new LastResort(process::stopRequested));
  }

  @Override
  public void uncaughtException(Thread thread, Throwable cause) {
    if (stopping.getAsBoolean()) {
      LOG.atWarn()
          .addKeyValue("thread", thread.getName())
          .setCause(cause)
          .log("thread died while the process stops");
      return;
    }
    try {
      LOG.atError()
          .addMarker(Logging.FATAL)
          .addKeyValue("thread", thread.getName())
          .setCause(cause)
          .log("thread died, the process ends");
      Logging.alsoToTerminal("thread " + thread.getName() + " died: " + cause);
      Logging.flush();
    } finally {
      Runtime.getRuntime().halt(BUG);
    }
  }
}
