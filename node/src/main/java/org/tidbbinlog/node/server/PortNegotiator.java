package org.tidbbinlog.node.server;

import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.InternalProtocolNegotiator;
import io.grpc.netty.InternalProtocolNegotiators;
import io.netty.channel.ChannelHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.util.AsciiString;
import java.util.Optional;
import java.util.function.Function;
import org.tidbbinlog.node.net.PackedFrames;
import org.tidbbinlog.node.net.Tls;

/** Hands each accepted connection to a {@link Sniffer}, or straight to gRPC. */
final class PortNegotiator implements InternalProtocolNegotiator.ProtocolNegotiator {
  private final Optional<SslContext> ssl;
  private final Function<GrpcHttp2ConnectionHandler, ChannelHandler> first;
  private final long maxMessageBytes;

  private PortNegotiator(
      Optional<SslContext> ssl,
      Function<GrpcHttp2ConnectionHandler, ChannelHandler> first,
      long maxMessageBytes) {
    this.ssl = ssl;
    this.first = first;
    this.maxMessageBytes = maxMessageBytes;
  }

  static PortNegotiator sharing(Tls tls, HttpSide http, long maxMessageBytes) {
    Optional<SslContext> ssl = tls.active() ? Optional.of(tls.forServer()) : Optional.empty();
    return new PortNegotiator(ssl, grpc -> new Sniffer(ssl, grpc, http), maxMessageBytes);
  }

  /** Without TLS and without HTTP/1.1: for a unix socket. */
  static PortNegotiator grpcOnly(long maxMessageBytes) {
    InternalProtocolNegotiator.ProtocolNegotiator plaintext =
        InternalProtocolNegotiators.serverPlaintext();
    return new PortNegotiator(Optional.empty(), plaintext::newHandler, maxMessageBytes);
  }

  @Override
  public AsciiString scheme() {
    return AsciiString.of(ssl.isPresent() ? "https" : "http");
  }

  @Override
  public ChannelHandler newHandler(GrpcHttp2ConnectionHandler grpc) {
    PackedFrames.install(grpc);
    LengthGuard.install(grpc, maxMessageBytes); // before it: what is refused is not copied
    return first.apply(grpc);
  }

  @Override
  public void close() {}
}
