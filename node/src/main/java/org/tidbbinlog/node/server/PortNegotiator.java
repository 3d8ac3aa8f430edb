package org.tidbbinlog.node.server;

import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.InternalProtocolNegotiator;
import io.netty.channel.ChannelHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.util.AsciiString;
import java.util.Optional;
import org.tidbbinlog.node.net.Tls;

/** Hands each accepted connection to a {@link Sniffer}. */
final class PortNegotiator implements InternalProtocolNegotiator.ProtocolNegotiator {
  private final Optional<SslContext> ssl;
  private final HttpSide http;

  private PortNegotiator(Optional<SslContext> ssl, HttpSide http) {
    this.ssl = ssl;
    this.http = http;
  }

  static PortNegotiator sharing(Tls tls, HttpSide http) {
    return new PortNegotiator(tls.active() ? Optional.of(tls.forServer()) : Optional.empty(), http);
  }

  @Override
  public AsciiString scheme() {
    return AsciiString.of(ssl.isPresent() ? "https" : "http");
  }

  @Override
  public ChannelHandler newHandler(GrpcHttp2ConnectionHandler grpc) {
    return new Sniffer(ssl, grpc, http);
  }

  @Override
  public void close() {}
}
