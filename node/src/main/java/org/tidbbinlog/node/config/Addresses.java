package org.tidbbinlog.node.config;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.tidbbinlog.base.OperatorException;

/** Checks of address options, with the original's messages. Source: pump section 3. */
public final class Addresses {
  private static final Set<String> PD_SCHEMES = Set.of("http", "https", "unix", "unixs");

  private Addresses() {}

  /** The first IPv4 address of this machine that is not a loopback, else {@code 127.0.0.1}. */
  public static String firstIpv4() {
    try {
      for (NetworkInterface card : Collections.list(NetworkInterface.getNetworkInterfaces())) {
        for (InetAddress address : Collections.list(card.getInetAddresses())) {
          if (address instanceof Inet4Address && !address.isLoopbackAddress()) {
            return address.getHostAddress();
          }
        }
      }
    } catch (SocketException e) {
      // no list of cards: the loopback address is always there
    }
    return "127.0.0.1";
  }

  /** Host and port of a listen address; both parts must be there, the host may be empty. */
  public static HostPort requireListen(String address) {
    return split(address)
        .orElseThrow(
            () ->
                new OperatorException(
                    "bad ListenAddr host format: " + address + ", want host:port"));
  }

  /** An advertised address must be one that peers can dial. */
  public static HostPort requireAdvertise(String address) {
    HostPort found =
        split(address)
            .orElseThrow(
                () ->
                    new OperatorException(
                        "bad AdvertiseAddr host format: " + address + ", want host:port"));
    if (found.host().isEmpty() || found.host().equals("0.0.0.0")) {
      throw new OperatorException("invalid advertiseAddr host: " + found.host());
    }
    return found;
  }

  /**
   * {@code scheme://host:port}, comma-separated, without path; a bare {@code host:port} is refused.
   */
  public static List<String> requirePdUrls(String urls) {
    return Stream.of(urls.split(",", -1)).map(String::trim).map(Addresses::pdUrl).toList();
  }

  /** As {@link #requirePdUrls}, a bare {@code host:port} means http. */
  public static List<String> requirePdUrlsOrHostPorts(String urls) {
    return Stream.of(urls.split(",", -1))
        .map(String::trim)
        .map(url -> url.contains("://") || split(url).isEmpty() ? pdUrl(url) : "http://" + url)
        .toList();
  }

  /**
   * A Pushgateway: nothing, {@code host:port} or an http(s) URL.
   *
   * @return {@code address} as it is
   */
  public static String requirePushgateway(String address) {
    if (address.isEmpty()) {
      return address;
    }
    try {
      URI uri = new URI(address.contains("://") ? address : "http://" + address);
      String scheme = uri.getScheme();
      if (uri.getHost() != null && (scheme.equals("http") || scheme.equals("https"))) {
        return address;
      }
    } catch (URISyntaxException e) {
      // told below
    }
    throw new OperatorException(
        "metrics-addr is \"" + address + "\", must be host:port or an http URL of a Pushgateway");
  }

  private static String pdUrl(String url) {
    URI uri;
    try {
      uri = new URI(url);
    } catch (URISyntaxException e) {
      throw badUrl(url, "not a URL");
    }
    String scheme = uri.getScheme() == null ? "" : uri.getScheme();
    if (!PD_SCHEMES.contains(scheme)) {
      throw badUrl(url, "URL scheme must be http, https, unix, or unixs");
    }
    String authority = uri.getRawAuthority() == null ? "" : uri.getRawAuthority();
    if (split(authority).isEmpty()) {
      throw badUrl(url, "URL address does not have the form \"host:port\"");
    }
    if (uri.getRawPath() != null && !uri.getRawPath().isEmpty()) {
      throw badUrl(url, "URL must not contain a path");
    }
    return url;
  }

  private static OperatorException badUrl(String url, String reason) {
    return new OperatorException("parse EtcdURLs error: " + reason + ": " + url);
  }

  private static Optional<HostPort> split(String address) {
    int colon = address.lastIndexOf(':');
    if (colon < 0) {
      return Optional.empty();
    }
    String host = address.substring(0, colon);
    boolean bracketed = host.startsWith("[") && host.endsWith("]");
    if (host.indexOf(':') >= 0 && !bracketed) {
      return Optional.empty();
    }
    try {
      int port = Integer.parseInt(address.substring(colon + 1));
      return port < 0 || port > 65535 ? Optional.empty() : Optional.of(new HostPort(host, port));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** A host (brackets kept around IPv6) and a port. */
  public record HostPort(String host, int port) {
    @Override
    public String toString() {
      return host + ":" + port;
    }
  }
}
