package org.tidbbinlog.node.server;

import java.util.Map;

/**
 * One HTTP request.
 *
 * @param path decoded path without the query
 * @param pathParams values of the route's {@code {name}} parts, percent-decoded
 * @param query decoded query parameters, the first value of each name
 * @param body at most {@link PortServer#MAX_HTTP_BODY_BYTES}
 * @param remote address of the other side of the connection, without the port; may be empty
 */
public record HttpExchange(
    String method,
    String path,
    Map<String, String> pathParams,
    Map<String, String> query,
    byte[] body,
    String remote) {
  /** A path parameter that the route is known to have. */
  public String pathParam(String name) {
    String value = pathParams.get(name);
    if (value == null) {
      throw new IllegalArgumentException("route has no part {" + name + "}");
    }
    return value;
  }
}
