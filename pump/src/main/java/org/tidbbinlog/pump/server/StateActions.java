package org.tidbbinlog.pump.server;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.node.process.NodeProcess;
import org.tidbbinlog.node.process.StopReason;
import org.tidbbinlog.node.server.HttpReply;

/**
 * {@code PUT /state/{nodeID}/{action}}: an operator takes the Pump out. The registry hears of it
 * first, then Prewrites are refused, then the process is asked to stop. Source: pump sections 10
 * and 13.
 */
final class StateActions {
  private static final Logger LOG = LoggerFactory.getLogger(StateActions.class);
  private static final int OK = 200;
  private static final int REFUSED = 3;
  private static final Map<String, NodeState> LEAVING =
      Map.of("pause", NodeState.PAUSING, "close", NodeState.CLOSING);

  private final String nodeId;
  private final PumpState state;
  private final Registration registration;
  private final NodeProcess process;

  StateActions(String nodeId, PumpState state, Registration registration, NodeProcess process) {
    this.nodeId = nodeId;
    this.state = state;
    this.registration = registration;
    this.process = process;
  }

  HttpReply apply(String asked, String action) throws InterruptedException {
    if (!asked.equals(nodeId)) {
      return reply(REFUSED, "invalide nodeID " + asked + ", this pump's nodeID is " + nodeId);
    }
    NodeState before = state.current();
    NodeState next = LEAVING.getOrDefault(action, NodeState.ONLINE);
    if (before == NodeState.ONLINE && next == NodeState.ONLINE) {
      return reply(REFUSED, "invalide action " + action);
    }
    if (next == NodeState.ONLINE || !state.tryMove(next, "HTTP " + action)) {
      return reply(REFUSED, "this pump's state is " + before + ", apply " + action + " failed!");
    }
    announce(next);
    state.refusePrewrites();
    process.requestStop(next == NodeState.PAUSING ? StopReason.PAUSE : StopReason.CLOSE);
    return reply(OK, "apply action " + action + " success!");
  }

  private void announce(NodeState next) throws InterruptedException {
    try {
      registration.publish(next);
    } catch (RetryableException e) {
      LOG.atWarn()
          .addKeyValue("state", next)
          .addKeyValue("error", e.getMessage())
          .log("registry did not take the state, the next heartbeat tries again");
    }
  }

  /** The original's JSON: indented by two spaces, {@code data} always null. */
  private static HttpReply reply(int code, String message) {
    String quoted = new String(JsonStringEncoder.getInstance().quoteAsString(message));
    return HttpReply.json(
        "{\n  \"message\": \"" + quoted + "\",\n  \"code\": " + code + ",\n  \"data\": null\n}\n");
  }
}
