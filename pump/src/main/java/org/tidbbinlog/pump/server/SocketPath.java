package org.tidbbinlog.pump.server;

import java.net.URI;
import java.net.URISyntaxException;
import org.tidbbinlog.base.OperatorException;

/**
 * The {@code socket} option: {@code unix:///dir/name} or a plain path. The listener binds to the
 * URL's path, which is what TiDB's {@code binlog-socket} dials. Source: pump section 11.
 */
final class SocketPath {
  private SocketPath() {}

  /** The file to bind; empty when no socket is wanted. */
  static String parse(String text) {
    if (text.isEmpty()) {
      return "";
    }
    try {
      String path = text.contains("://") ? new URI(text).getPath() : text;
      if (path == null || path.split("/", -1).length < 2 || path.endsWith("/")) {
        throw bad(text);
      }
      return path;
    } catch (URISyntaxException e) {
      throw bad(text);
    }
  }

  private static OperatorException bad(String text) {
    return new OperatorException("bad Socket addr format: " + text + ": write unix:///dir/name");
  }
}
