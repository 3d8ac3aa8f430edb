package org.tidbbinlog.cluster.registry;

import java.util.List;

/**
 * What the registry holds of one kind of node at a moment.
 *
 * @param nodes sorted by id
 * @param unreadable keys, sorted, whose values say nothing: there is a node, or there was, and
 *     nobody knows its state
 */
public record NodeListing(List<NodeStatus> nodes, List<String> unreadable) {
  public NodeListing {
    nodes = List.copyOf(nodes);
    unreadable = List.copyOf(unreadable);
  }

  /** All could be read. */
  public static NodeListing of(List<NodeStatus> nodes) {
    return new NodeListing(nodes, List.of());
  }
}
