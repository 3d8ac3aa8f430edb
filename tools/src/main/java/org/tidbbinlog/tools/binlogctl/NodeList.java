package org.tidbbinlog.tools.binlogctl;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.cluster.registry.NodeKind;
import org.tidbbinlog.cluster.registry.NodeNotFoundException;
import org.tidbbinlog.cluster.registry.NodeRegistry;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.cluster.registry.NodeStatus;

/** Reading and editing the registry. Source: binlogctl sections 2 and 4, registry section 2. */
final class NodeList {
  private static final Logger LOG = LoggerFactory.getLogger(NodeList.class);

  private NodeList() {}

  /** Which nodes are listed. */
  enum Scope {
    WITHOUT_OFFLINE,
    ALL
  }

  /** One line a node, sorted by id; nothing when there is none. */
  static void print(NodeRegistry registry, NodeKind kind, Scope scope) {
    for (NodeStatus node : registry.list(kind)) {
      if (scope == Scope.ALL || node.state() != NodeState.OFFLINE) {
        LOG.atInfo()
            .addKeyValue("type", kind.label())
            .addKeyValue("node", text(node))
            .log("query node");
      }
    }
  }

  static String text(NodeStatus node) {
    return "{NodeID: "
        + node.nodeId()
        + ", Addr: "
        + node.host()
        + ", State: "
        + node.state()
        + ", MaxCommitTS: "
        + node.maxCommitTs()
        + ", UpdateTime: "
        + GoTime.local(node.updateTs())
        + "}";
  }

  static NodeStatus require(NodeRegistry registry, NodeKind kind, String nodeId) {
    return registry.find(kind, nodeId).orElseThrow(() -> new NodeNotFoundException(kind, nodeId));
  }

  /** The unknown node is told before the illegal state. A live node writes over it soon. */
  static void updateState(NodeRegistry registry, NodeKind kind, String nodeId, String state) {
    require(registry, kind, nodeId);
    NodeState wanted =
        NodeState.of(state)
            .orElseThrow(() -> new OperatorException("state " + state + " is illegal"));
    registry.updateState(kind, nodeId, wanted);
  }
}
