package org.tidbbinlog.drainer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.tidbbinlog.cluster.registry.NodeKind;
import org.tidbbinlog.cluster.registry.NodeListing;
import org.tidbbinlog.cluster.registry.NodeRegistry;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.cluster.registry.NodeStatus;

/** A registry in memory; watchers are called by whoever changes it. */
public final class FakeRegistry implements NodeRegistry {
  private final Map<String, NodeStatus> nodes = new TreeMap<>();
  private final List<Consumer<List<NodeStatus>>> watchers = new ArrayList<>();

  @Override
  public synchronized NodeListing listing(NodeKind kind) {
    return NodeListing.of(nodes.values().stream().filter(node -> node.kind() == kind).toList());
  }

  @Override
  public synchronized Optional<NodeStatus> find(NodeKind kind, String nodeId) {
    return list(kind).stream().filter(node -> node.nodeId().equals(nodeId)).findFirst();
  }

  @Override
  public synchronized void put(NodeStatus node) {
    nodes.put(node.nodeId(), node);
    watchers.forEach(watcher -> watcher.accept(list(NodeKind.PUMP)));
  }

  @Override
  public void updateState(NodeKind kind, String nodeId, NodeState state) {
    NodeStatus old = find(kind, nodeId).orElseThrow();
    put(new NodeStatus(kind, nodeId, old.host(), state, old.maxCommitTs(), old.updateTs()));
  }

  @Override
  public synchronized Watching watch(NodeKind kind, Consumer<List<NodeStatus>> onChange) {
    watchers.add(onChange);
    onChange.accept(list(kind));
    return () -> watchers.remove(onChange);
  }

  @Override
  public void close() {}
}
