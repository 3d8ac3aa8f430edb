package org.tidbbinlog.cluster.time;

import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;

/**
 * Fresh timestamps, each greater than every timestamp handed out before it anywhere in the cluster.
 */
public interface TimeSource {
  /**
   * Blocks until a timestamp is there.
   *
   * @throws RetryableException when PD gave none within the adapter's time limit
   */
  Tso next() throws InterruptedException;
}
