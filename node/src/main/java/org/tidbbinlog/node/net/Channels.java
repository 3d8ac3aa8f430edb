package org.tidbbinlog.node.net;

import io.grpc.ManagedChannel;
import io.grpc.netty.InternalNettyChannelBuilder;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.tidbbinlog.base.OperatorException;

/**
 * gRPC channels to Pumps, Drainers, PD and TiKV: lazily connected, no limit on what comes in, and
 * no pings while idle (Go servers answer those with GOAWAY). Source: pump-protocol section 8.
 */
public final class Channels {
  private Channels() {}

  /** A channel to {@code host:port}, IPv6 hosts in brackets; a scheme in front is dropped. */
  public static ManagedChannel open(String hostPort, Tls tls) {
    return builder(hostPort, tls).build();
  }

  /**
   * As {@link #open}, with HTTP/2 pings while a call is running: the way to notice a half-open
   * connection. Not under five minutes towards Go servers, which count faster pings as abuse.
   */
  public static ManagedChannel openWithKeepAlive(
      String hostPort, Tls tls, long keepAliveSeconds, long timeoutSeconds) {
    return builder(hostPort, tls)
        .keepAliveTime(keepAliveSeconds, TimeUnit.SECONDS)
        .keepAliveTimeout(timeoutSeconds, TimeUnit.SECONDS)
        .keepAliveWithoutCalls(false)
        .build();
  }

  /** A plaintext channel through a unix socket. */
  public static ManagedChannel openUnix(Path socket) {
    return NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
        .channelType(NioDomainSocketChannel.class, UnixDomainSocketAddress.class)
        .eventLoopGroup(UnixLoop.GROUP)
        .overrideAuthority("localhost")
        .usePlaintext()
        .maxInboundMessageSize(Integer.MAX_VALUE)
        .build();
  }

  private static NettyChannelBuilder builder(String hostPort, Tls tls) {
    String target = withoutScheme(hostPort);
    int colon = target.lastIndexOf(':');
    if (colon <= 0 || target.indexOf('/') >= 0) {
      throw new OperatorException("address " + hostPort + " is not host:port");
    }
    NettyChannelBuilder builder =
        NettyChannelBuilder.forTarget("dns:///" + target)
            .maxInboundMessageSize(Integer.MAX_VALUE)
            .proxyDetector(address -> null);
    InternalNettyChannelBuilder.setProtocolNegotiatorFactory(builder, ClientNegotiator.of(tls));
    return builder;
  }

  private static String withoutScheme(String hostPort) {
    int scheme = hostPort.indexOf("://");
    return scheme < 0 ? hostPort : hostPort.substring(scheme + 3);
  }

  /** One daemon thread for all unix-socket channels of the process, started on first use. */
  private static final class UnixLoop {
    static final EventLoopGroup GROUP =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("node-unix", true), NioIoHandler.newFactory());
  }
}
