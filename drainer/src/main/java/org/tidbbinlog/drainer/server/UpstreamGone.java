package org.tidbbinlog.drainer.server;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.RetryableException;

/**
 * A start without upstream fails, but first the target is left as upstream was at one moment, where
 * this machine can do that. Source: drainer sections 5 and 11.
 */
final class UpstreamGone {
  private static final Logger LOG = LoggerFactory.getLogger(UpstreamGone.class);

  private UpstreamGone() {}

  /** Makes the connection. */
  interface Opening<C> {
    C open() throws InterruptedException;
  }

  /** Brings the target to a good end. */
  interface Finishing {
    void finish() throws InterruptedException;
  }

  /**
   * @throws RetryableException that of {@code opening}, whatever became of the target
   */
  static <C> C orElse(Opening<C> opening, Finishing finishing) throws InterruptedException {
    try {
      return opening.open();
    } catch (RetryableException noUpstream) {
      try {
        finishing.finish();
      } catch (OperatorException | RetryableException e) {
        LOG.atError().addKeyValue("error", e.getMessage()).log("relay log not replayed");
      }
      throw noUpstream;
    }
  }
}
