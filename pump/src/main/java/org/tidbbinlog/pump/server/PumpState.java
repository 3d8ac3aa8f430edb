package org.tidbbinlog.pump.server;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.cluster.registry.NodeState;

/**
 * The Pump's state, the one place it changes. Written by the thread that starts, pauses or closes
 * the node; read by every write.
 *
 * <pre>
 * offline -> online -> pausing -> paused
 *               |----> closing -> offline | paused (a signal cuts the drain short)
 *               `----> paused, offline    (signal; start that failed)
 * </pre>
 *
 * Source: pump section 10.
 */
final class PumpState {
  private static final Logger LOG = LoggerFactory.getLogger(PumpState.class);
  private final List<Consumer<NodeState>> listeners = new CopyOnWriteArrayList<>();
  private volatile NodeState current = NodeState.OFFLINE;
  private volatile boolean accepting;

  NodeState current() {
    return current;
  }

  /**
   * Lags behind {@link #current} on purpose: a leaving Pump first tells the registry, so that TiDB
   * moves away, then refuses. Source: pump-client section 10.
   */
  boolean acceptsPrewrites() {
    return accepting;
  }

  void refusePrewrites() {
    accepting = false;
  }

  /** {@code listener} hears each new state on the thread that made it, before the move returns. */
  void onChange(Consumer<NodeState> listener) {
    listeners.add(listener);
  }

  /** Moves to {@code next}, or answers false and stays when the picture above has no such arrow. */
  boolean tryMove(NodeState next, String why) {
    synchronized (this) {
      NodeState old = current;
      if (!allowed(old, next)) {
        return false;
      }
      current = next;
      accepting = next == NodeState.ONLINE || accepting;
      LOG.atInfo()
          .addKeyValue("old", old)
          .addKeyValue("new", next)
          .addKeyValue("why", why)
          .log("state changed");
    }
    listeners.forEach(listener -> listener.accept(next));
    return true;
  }

  private static boolean allowed(NodeState old, NodeState next) {
    return switch (old) {
      case OFFLINE -> next == NodeState.ONLINE;
      case ONLINE -> next != NodeState.ONLINE;
      case PAUSING -> next == NodeState.PAUSED;
      case CLOSING -> next == NodeState.OFFLINE || next == NodeState.PAUSED;
      case PAUSED -> false;
    };
  }
}
