package org.tidbbinlog.cluster.registry;

import org.tidbbinlog.base.Tso;

/**
 * One node of the registry. Source: registry section 2.
 *
 * @param host advertised {@code host:port}, no scheme
 * @param maxCommitTs Pump: largest sorted commit timestamp; Drainer: its checkpoint
 * @param updateTs approximate time of the last update
 */
public record NodeStatus(
    NodeKind kind, String nodeId, String host, NodeState state, Tso maxCommitTs, Tso updateTs) {}
