package org.tidbbinlog.cluster.registry;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.tidbbinlog.base.RetryableException;

/**
 * The node registry in PD's etcd. Last writer wins, as between Go nodes; keys carry no lease. Every
 * call blocks up to 5 s and throws {@link RetryableException} when etcd did not answer.
 *
 * <p>Source: registry sections 1 to 6.
 */
public interface NodeRegistry extends AutoCloseable {
  /** The nodes of a kind, and the keys whose values cannot be read; deeper keys are skipped. */
  NodeListing listing(NodeKind kind);

  /** All readable nodes of a kind, sorted by id: for who can do without the others. */
  default List<NodeStatus> list(NodeKind kind) {
    return listing(kind).nodes();
  }

  Optional<NodeStatus> find(NodeKind kind, String nodeId);

  /** Creates or replaces the node's entry. */
  void put(NodeStatus node);

  /**
   * Changes only {@code state} of an existing entry, leaving every other byte of meaning as it was.
   *
   * @throws NodeNotFoundException when there is no such key
   */
  void updateState(NodeKind kind, String nodeId, NodeState state);

  /**
   * Calls {@code onChange} with the whole list now and after every change, on the registry's own
   * thread. Survives lost connections, compaction and leader moves by listing again.
   */
  Watching watch(NodeKind kind, Consumer<List<NodeStatus>> onChange);

  @Override
  void close();

  /** A running watch. */
  interface Watching extends AutoCloseable {
    @Override
    void close();
  }
}
