package org.tidbbinlog.drainer.server;

import org.slf4j.Logger;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.node.log.Logging;

/** How the cause of a stop is told: one line for the operator, a stack for a bug. */
final class FailureText {
  private FailureText() {}

  static void log(Logger log, Throwable cause) {
    var line = log.atError().addMarker(Logging.FATAL);
    if (cause instanceof OperatorException) {
      line.addKeyValue("error", cause.getMessage()).log("drainer stops");
    } else {
      line.setCause(cause).log("drainer stops");
    }
  }

  /** Never 0. */
  static int exitCode(Throwable cause) {
    return cause instanceof OperatorException operator ? Math.max(1, operator.exitCode()) : 1;
  }
}
