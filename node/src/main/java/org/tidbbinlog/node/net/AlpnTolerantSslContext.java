package org.tidbbinlog.node.net;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolNegotiator;
import io.netty.handler.ssl.SslContext;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSessionContext;
import org.jspecify.annotations.Nullable;

/**
 * grpc-netty closes a connection unless the protocol agreed on is in this context's list. Go's Pump
 * and Drainer agree on none, which shows as a null: so null stands in the list too. Source:
 * pump-protocol section 8.
 */
@SuppressWarnings("deprecation") // SslContext itself still speaks of ApplicationProtocolNegotiator
final class AlpnTolerantSslContext extends SslContext {
  private final SslContext context;
  private final ApplicationProtocolNegotiator negotiator;

  AlpnTolerantSslContext(SslContext context) {
    this.context = context;
    List<String> protocols = Collections.unmodifiableList(listOf("h2", null));
    this.negotiator = () -> protocols;
  }

  @SuppressWarnings("NullAway") // the point of this class
  private static List<String> listOf(@Nullable String... accepted) {
    return Arrays.asList(accepted);
  }

  @Override
  public ApplicationProtocolNegotiator applicationProtocolNegotiator() {
    return negotiator;
  }

  @Override
  public boolean isClient() {
    return true;
  }

  @Override
  public List<String> cipherSuites() {
    return context.cipherSuites();
  }

  @Override
  public SSLEngine newEngine(ByteBufAllocator allocator) {
    return context.newEngine(allocator);
  }

  @Override
  public SSLEngine newEngine(ByteBufAllocator allocator, String peerHost, int peerPort) {
    return context.newEngine(allocator, peerHost, peerPort);
  }

  @Override
  public SSLSessionContext sessionContext() {
    return context.sessionContext();
  }
}
