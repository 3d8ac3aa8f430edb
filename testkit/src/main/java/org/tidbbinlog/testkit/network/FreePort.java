package org.tidbbinlog.testkit.network;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** A TCP port that nobody listens on, for programs that must be told one. */
public final class FreePort {
  private FreePort() {}

  /** Free now; somebody else may take it before it is used. */
  public static int onLoopback() {
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return probe.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
