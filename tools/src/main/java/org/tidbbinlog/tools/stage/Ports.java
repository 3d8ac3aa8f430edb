package org.tidbbinlog.tools.stage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.tidbbinlog.base.OperatorException;

/** TCP ports on the loopback address. */
final class Ports {
  private static final int LAST = 65_535;
  private final int base;

  /** {@code base} 0 = any free ports. */
  Ports(int base) {
    this.base = base;
  }

  /**
   * Fails when one of the ports is taken; before anything is started.
   *
   * @throws OperatorException naming it
   */
  void requireFree(int... offsets) {
    for (int offset : offsets) {
      if (base < 1 || base + offset > LAST) {
        throw new OperatorException(
            "--port-base must be between 1 and " + (LAST - offset) + ", not " + base);
      }
      at(offset);
    }
  }

  /** The port at this offset from the base, or any free one. */
  int at(int offset) {
    int wanted = base == 0 ? 0 : base + offset;
    try (ServerSocket probe = new ServerSocket(wanted, 1, InetAddress.getLoopbackAddress())) {
      return probe.getLocalPort();
    } catch (IOException e) {
      if (wanted == 0) {
        throw new UncheckedIOException(e);
      }
      throw new OperatorException(
          "port " + wanted + " is taken on 127.0.0.1; choose another --port-base", e);
    }
  }
}
