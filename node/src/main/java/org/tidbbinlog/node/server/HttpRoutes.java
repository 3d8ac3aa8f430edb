package org.tidbbinlog.node.server;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP paths of a port, for example {@code PUT /state/{nodeID}/{action}}; a last part {@code
 * {name...}} takes the rest of the path. No route: 404 with the original's text; a route of another
 * method: 405 without a body. Source: pump section 13.
 */
public final class HttpRoutes {
  public static final HttpRoutes NONE = builder().build();

  private static final Logger LOG = LoggerFactory.getLogger(HttpRoutes.class);

  private final List<Route> routes;

  private HttpRoutes(List<Route> routes) {
    this.routes = List.copyOf(routes);
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Collects routes; the first that fits wins. */
  public static final class Builder {
    private final List<Route> routes = new ArrayList<>();

    private Builder() {}

    public Builder get(String pattern, HttpHandler handler) {
      return on("GET", pattern, handler);
    }

    public Builder put(String pattern, HttpHandler handler) {
      return on("PUT", pattern, handler);
    }

    public Builder post(String pattern, HttpHandler handler) {
      return on("POST", pattern, handler);
    }

    public Builder on(String method, String pattern, HttpHandler handler) {
      routes.add(new Route(method, List.of(split(pattern)), handler));
      return this;
    }

    public Builder addAll(HttpRoutes other) {
      routes.addAll(other.routes);
      return this;
    }

    public HttpRoutes build() {
      return new HttpRoutes(routes);
    }
  }

  /** Routes and runs one request; never throws. */
  HttpReply answer(String method, String rawUri, byte[] body, String remote) {
    int mark = rawUri.indexOf('?');
    String rawPath = mark < 0 ? rawUri : rawUri.substring(0, mark);
    String[] parts = split(rawPath);
    boolean otherMethod = false;
    for (Route route : routes) {
      Map<String, String> params = new LinkedHashMap<>();
      if (!route.matches(parts, params)) {
        continue;
      }
      if (!route.method.equals(method)) {
        otherMethod = true;
        continue;
      }
      Map<String, String> query = query(mark < 0 ? "" : rawUri.substring(mark + 1));
      return run(route, new HttpExchange(method, decode(rawPath), params, query, body, remote));
    }
    return otherMethod
        ? new HttpReply(405, "", new byte[0])
        : HttpReply.text(404, "404 page not found\n");
  }

  private static HttpReply run(Route route, HttpExchange exchange) {
    try {
      return route.handler.handle(exchange);
    } catch (Exception | Error e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      LOG.atWarn().addKeyValue("path", exchange.path()).setCause(e).log("http handler failed");
      String message = e.getMessage();
      return HttpReply.text(500, (message == null ? e.toString() : message) + "\n");
    }
  }

  private static String[] split(String path) {
    return (path.startsWith("/") ? path.substring(1) : path).split("/", -1);
  }

  private static Map<String, String> query(String raw) {
    Map<String, String> query = new LinkedHashMap<>();
    for (String pair : raw.split("&", -1)) {
      if (!pair.isEmpty()) {
        int equals = pair.indexOf('=');
        String name = equals < 0 ? pair : pair.substring(0, equals);
        query.putIfAbsent(
            decodeForm(name), equals < 0 ? "" : decodeForm(pair.substring(equals + 1)));
      }
    }
    return query;
  }

  private static String decode(String text) {
    return decodeForm(text.replace("+", "%2B"));
  }

  private static String decodeForm(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return text; // a stray % stands for itself
    }
  }

  private record Route(String method, List<String> parts, HttpHandler handler) {
    boolean matches(String[] path, Map<String, String> params) {
      for (int i = 0; i < parts.size(); i++) {
        String part = parts.get(i);
        if (i >= path.length) {
          return false;
        }
        if (part.endsWith("...}")) {
          String rest = String.join("/", List.of(path).subList(i, path.length));
          params.put(part.substring(1, part.length() - 4), decode(rest));
          return true;
        }
        if (part.startsWith("{")) {
          if (path[i].isEmpty()) {
            return false;
          }
          params.put(part.substring(1, part.length() - 1), decode(path[i]));
        } else if (!part.equals(path[i])) {
          return false;
        }
      }
      return parts.size() == path.length;
    }
  }
}
