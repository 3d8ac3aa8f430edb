package org.tidbbinlog.sim;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.registry.NodeKind;
import org.tidbbinlog.cluster.registry.NodeListing;
import org.tidbbinlog.cluster.registry.NodeRegistry;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.cluster.registry.NodeStatus;
import org.tidbbinlog.cluster.time.TimeSource;

/** PD: timestamps that only ever grow, though its clock jumps ahead; and the node registry. */
final class SimPd implements TimeSource, NodeRegistry {
  private final NodeClock clock;
  private final Map<String, NodeStatus> nodes = new TreeMap<>();
  private final Set<Tso> given = new HashSet<>();
  private Tso last = Tso.ZERO;
  private boolean away;
  private Runnable onList = () -> {};

  SimPd(NodeClock clock) {
    this.clock = clock;
  }

  /** Runs while a request for all nodes is on its way. */
  void onList(Runnable meanwhile) {
    onList = meanwhile;
  }

  void goAway() {
    away = true;
  }

  void comeBack() {
    away = false;
  }

  /** The next leader's clock is ahead. */
  void jump(long millis) {
    clock.jump(millis);
  }

  @Override
  public Tso next() {
    requireThere();
    Tso now = Tso.at(clock.now());
    last = now.isAfter(last) ? now : new Tso(last.value() + 1);
    given.add(last);
    return last;
  }

  /** The last timestamp given out. */
  Tso last() {
    return last;
  }

  boolean gaveOut(Tso ts) {
    return given.contains(ts);
  }

  private void requireThere() {
    if (away) {
      throw new RetryableException("PD is away");
    }
  }

  @Override
  public NodeListing listing(NodeKind kind) {
    onList.run();
    requireThere();
    return NodeListing.of(nodes.values().stream().filter(node -> node.kind() == kind).toList());
  }

  @Override
  public Optional<NodeStatus> find(NodeKind kind, String nodeId) {
    requireThere();
    return Optional.ofNullable(nodes.get(nodeId));
  }

  @Override
  public void put(NodeStatus node) {
    requireThere();
    nodes.put(node.nodeId(), node);
  }

  @Override
  public void updateState(NodeKind kind, String nodeId, NodeState state) {
    requireThere();
    NodeStatus node = find(kind, nodeId).orElseThrow();
    put(new NodeStatus(kind, nodeId, node.host(), state, node.maxCommitTs(), node.updateTs()));
  }

  @Override
  public Watching watch(NodeKind kind, Consumer<List<NodeStatus>> onChange) {
    return () -> {};
  }

  @Override
  public void close() {}
}
