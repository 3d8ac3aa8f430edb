package org.tidbbinlog.node.net;

import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.InternalProtocolNegotiator.ClientFactory;
import io.grpc.netty.InternalProtocolNegotiator.ProtocolNegotiator;
import io.grpc.netty.InternalProtocolNegotiators;
import io.netty.channel.ChannelHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.util.AsciiString;
import java.util.Optional;

/** gRPC's own way to begin a connection, with {@link PackedFrames} for what comes in. */
final class ClientNegotiator implements ClientFactory {
  private final Optional<SslContext> ssl;

  private ClientNegotiator(Optional<SslContext> ssl) {
    this.ssl = ssl;
  }

  static ClientNegotiator of(Tls tls) {
    return new ClientNegotiator(tls.active() ? Optional.of(tls.forGrpcClient()) : Optional.empty());
  }

  @Override
  public ProtocolNegotiator newNegotiator() {
    return new Packing(
        ssl.map(context -> InternalProtocolNegotiators.tls(context, null, null))
            .orElseGet(InternalProtocolNegotiators::plaintext));
  }

  @Override
  public int getDefaultPort() {
    return ssl.isPresent() ? 443 : 80;
  }

  private record Packing(ProtocolNegotiator usual) implements ProtocolNegotiator {
    @Override
    public AsciiString scheme() {
      return usual.scheme();
    }

    @Override
    public ChannelHandler newHandler(GrpcHttp2ConnectionHandler grpc) {
      PackedFrames.install(grpc);
      return usual.newHandler(grpc);
    }

    @Override
    public void close() {
      usual.close();
    }
  }
}
