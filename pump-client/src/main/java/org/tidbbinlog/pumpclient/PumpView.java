package org.tidbbinlog.pumpclient;

import org.tidbbinlog.cluster.registry.NodeStatus;

/**
 * How a client sees one Pump.
 *
 * @param errors consecutive failed calls
 */
public record PumpView(NodeStatus status, Use use, int errors) {
  /** Whether Prewrites go there. */
  public enum Use {
    AVAILABLE,
    /** Online, but it failed too often: only probes go there. */
    AVOIDED,
    NOT_ONLINE
  }
}
