package org.tidbbinlog.drainer.server;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.cluster.registry.NodeState;

/** The state of this Drainer; every change goes through {@link #tryMove} and is logged. */
final class NodeLife {
  private static final Logger LOG = LoggerFactory.getLogger(NodeLife.class);
  private NodeState state = NodeState.ONLINE;

  synchronized NodeState state() {
    return state;
  }

  /**
   * Forward only: online ▸ pausing ▸ paused, online ▸ closing ▸ offline; closing ▸ paused when not
   * everything could be applied.
   *
   * @return false when the way there is closed
   */
  synchronized boolean tryMove(NodeState next, String why) {
    boolean open =
        switch (next) {
          case PAUSING, CLOSING -> state == NodeState.ONLINE;
          case PAUSED -> state != NodeState.PAUSED && state != NodeState.OFFLINE;
          case OFFLINE -> state == NodeState.CLOSING;
          case ONLINE -> false;
        };
    if (open) {
      LOG.atInfo()
          .addKeyValue("from", state)
          .addKeyValue("to", next)
          .addKeyValue("why", why)
          .log("state changed");
      state = next;
    }
    return open;
  }
}
