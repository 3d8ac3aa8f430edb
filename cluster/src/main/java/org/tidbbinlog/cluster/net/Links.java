package org.tidbbinlog.cluster.net;

import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * One channel per address, opened on first use and shared by all adapters of a connection. Bounded
 * by the number of addresses ever named by PD.
 */
public final class Links implements AutoCloseable {
  private final Function<String, ManagedChannel> opener;
  private final Map<String, ManagedChannel> channels = new HashMap<>();
  private boolean closed;

  /** {@code opener} makes a lazily connecting channel to {@code host:port}. */
  public Links(Function<String, ManagedChannel> opener) {
    this.opener = opener;
  }

  /** The channel to an address; one that waits before its next connection try stops waiting. */
  public synchronized ManagedChannel to(String hostPort) {
    if (closed) {
      throw new IllegalStateException("connection is closed");
    }
    ManagedChannel channel = channels.computeIfAbsent(hostPort, opener);
    if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
      channel.resetConnectBackoff();
    }
    return channel;
  }

  /** Breaks the connection to an address that stopped answering; the next use connects anew. */
  public synchronized void drop(String hostPort) {
    ManagedChannel old = channels.remove(hostPort);
    if (old != null) {
      old.shutdownNow();
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    channels.values().forEach(ManagedChannel::shutdownNow);
    channels.clear();
  }
}
