package org.tidbbinlog.node.server;

import io.grpc.ServerServiceDefinition;

/** Placeholder. */
final class MessageLimit {
  private MessageLimit() {}

  static ServerServiceDefinition apply(ServerServiceDefinition service, long maxBytes) {
    return service;
  }
}
