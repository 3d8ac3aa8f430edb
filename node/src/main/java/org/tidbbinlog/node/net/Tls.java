package org.tidbbinlog.node.net;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import org.tidbbinlog.base.OperatorException;

/**
 * TLS for both directions, made once per {@code [security]} section. Certificate, key and CA files
 * are looked at before every handshake and read again when they changed; a changed file that cannot
 * be read leaves the old one in use. Safe for use by many threads. Source: pump section 12.
 */
public final class Tls {
  private static final Tls PLAINTEXT =
      new Tls(TlsSettings.NONE, Optional.empty(), Optional.empty());

  private final TlsSettings settings;
  private final Optional<PeerTrust> trust;
  private final Optional<OwnIdentity> identity;

  private Tls(TlsSettings settings, Optional<PeerTrust> trust, Optional<OwnIdentity> identity) {
    this.settings = settings;
    this.trust = trust;
    this.identity = identity;
  }

  /** No TLS at all. */
  public static Tls plaintext() {
    return PLAINTEXT;
  }

  /**
   * Reads the files once, so that a wrong path is told at start.
   *
   * @throws OperatorException naming the file that cannot be used
   */
  public static Tls of(TlsSettings settings) {
    if (!settings.active()) {
      return PLAINTEXT;
    }
    try {
      PeerTrust trust = PeerTrust.load(settings);
      Optional<OwnIdentity> identity =
          settings.hasIdentity() ? Optional.of(OwnIdentity.load(settings)) : Optional.empty();
      return new Tls(settings, Optional.of(trust), identity);
    } catch (IOException | GeneralSecurityException e) {
      throw new OperatorException(
          "tls config ssl-ca="
              + settings.caPath()
              + " ssl-cert="
              + settings.certPath()
              + " ssl-key="
              + settings.keyPath()
              + " error "
              + e,
          e);
    }
  }

  public boolean active() {
    return settings.active();
  }

  /** {@code https} or {@code http}. */
  public String scheme() {
    return active() ? "https" : "http";
  }

  public TlsSettings settings() {
    return settings;
  }

  /** For the JDK's own clients. */
  public SSLContext sslContext() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keyManagers(), trustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("no TLS in this JDK", e);
    }
  }

  /** Our certificate for peers that ask for one; empty when we have none. */
  public KeyManager[] keyManagers() {
    return identity.map(own -> new KeyManager[] {own}).orElse(new KeyManager[0]);
  }

  /** Verifies peers by our CA file and, where names are set, by their common names. */
  public TrustManager[] trustManagers() {
    return new TrustManager[] {requireTrust()};
  }

  /**
   * For a listening port. HTTP/1.1 stands first in the protocol list: browsers offer both and get
   * HTTP/1.1, gRPC peers offer only {@code h2}; peers without ALPN are told apart by their first
   * bytes.
   */
  public SslContext forServer() {
    OwnIdentity own =
        identity.orElseThrow(
            () ->
                new OperatorException(
                    "ssl-ca is set but ssl-cert and ssl-key are not: a TLS port needs all three"));
    try {
      return SslContextBuilder.forServer((KeyManager) own)
          .sslProvider(SslProvider.JDK)
          .trustManager((TrustManager) requireTrust())
          .clientAuth(
              settings.allowedCommonNames().isEmpty() ? ClientAuth.NONE : ClientAuth.REQUIRE)
          .applicationProtocolConfig(alpn("http/1.1", "h2"))
          .build();
    } catch (SSLException e) {
      throw new OperatorException("tls config error " + e.getMessage(), e);
    }
  }

  /** For outgoing gRPC connections; accepts servers that do not speak ALPN, as Go's do not. */
  public SslContext forGrpcClient() {
    try {
      SslContextBuilder builder =
          SslContextBuilder.forClient()
              .sslProvider(SslProvider.JDK)
              .trustManager((TrustManager) requireTrust())
              .applicationProtocolConfig(alpn("h2"));
      identity.ifPresent(own -> builder.keyManager((KeyManager) own));
      return new AlpnTolerantSslContext(builder.build());
    } catch (SSLException e) {
      throw new OperatorException("tls config error " + e.getMessage(), e);
    }
  }

  private PeerTrust requireTrust() {
    return trust.orElseThrow(() -> new IllegalStateException("TLS is not active"));
  }

  private static ApplicationProtocolConfig alpn(String... protocols) {
    return new ApplicationProtocolConfig(
        Protocol.ALPN,
        SelectorFailureBehavior.NO_ADVERTISE,
        SelectedListenerFailureBehavior.ACCEPT,
        protocols);
  }
}
