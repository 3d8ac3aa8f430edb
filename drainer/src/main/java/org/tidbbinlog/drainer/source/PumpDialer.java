package org.tidbbinlog.drainer.source;

import io.grpc.ManagedChannel;

/** Opens a channel to a Pump's advertised {@code host:port}; must not block. */
@FunctionalInterface
public interface PumpDialer {
  ManagedChannel dial(String hostPort);
}
