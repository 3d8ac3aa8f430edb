package org.tidbbinlog.node.server;

import java.net.InetSocketAddress;
import org.tidbbinlog.base.OperatorException;

/** Reads {@code host:port}, {@code :port} and {@code [v6]:port}. */
final class Address {
  private Address() {}

  static InetSocketAddress resolve(String hostPort) {
    int colon = hostPort.lastIndexOf(':');
    if (colon < 0) {
      throw new OperatorException("listen address " + hostPort + " has no port");
    }
    String host = hostPort.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    int port;
    try {
      port = Integer.parseInt(hostPort.substring(colon + 1));
    } catch (NumberFormatException e) {
      throw new OperatorException("listen address " + hostPort + " has no numeric port", e);
    }
    if (port < 0 || port > 65535) {
      throw new OperatorException("listen address " + hostPort + ": port is not in 0..65535");
    }
    InetSocketAddress address =
        host.isEmpty() ? new InetSocketAddress(port) : new InetSocketAddress(host, port);
    if (address.isUnresolved()) {
      throw new OperatorException("listen address " + hostPort + ": host " + host + " is unknown");
    }
    return address;
  }
}
