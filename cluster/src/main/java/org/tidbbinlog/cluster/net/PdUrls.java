package org.tidbbinlog.cluster.net;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import org.tidbbinlog.base.OperatorException;

/** Addresses as operators and PD write them, turned into {@code host:port}. */
public final class PdUrls {
  private PdUrls() {}

  /** A comma-separated list, as in {@code --pd-urls}. */
  public static List<String> parse(String list) {
    return hostPorts(List.of(list.split(",", -1)));
  }

  /**
   * {@code host:port} of each URL, in order, each once. A scheme and a trailing slash are accepted.
   *
   * @throws OperatorException for anything else
   */
  public static List<String> hostPorts(Collection<String> urls) {
    LinkedHashSet<String> found = new LinkedHashSet<>();
    for (String url : urls) {
      if (!url.isBlank()) {
        found.add(hostPort(url));
      }
    }
    if (found.isEmpty()) {
      throw new OperatorException("pd-urls is empty: name at least one PD as http://host:port");
    }
    return new ArrayList<>(found);
  }

  public static String hostPort(String url) {
    String rest = url.trim();
    int scheme = rest.indexOf("://");
    if (scheme >= 0) {
      String name = rest.substring(0, scheme);
      if (!name.equals("http") && !name.equals("https")) {
        throw bad(url);
      }
      rest = rest.substring(scheme + 3);
    }
    if (rest.endsWith("/")) {
      rest = rest.substring(0, rest.length() - 1);
    }
    int colon = rest.lastIndexOf(':');
    if (colon <= 0 || rest.indexOf('/') >= 0 || !isPort(rest.substring(colon + 1))) {
      throw bad(url);
    }
    return rest;
  }

  private static boolean isPort(String text) {
    return !text.isEmpty()
        && text.length() <= 5
        && text.chars().allMatch(c -> c >= '0' && c <= '9')
        && Integer.parseInt(text) <= 65_535;
  }

  private static OperatorException bad(String url) {
    return new OperatorException("PD address " + url + " is not http://host:port");
  }
}
