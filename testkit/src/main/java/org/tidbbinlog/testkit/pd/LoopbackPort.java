package org.tidbbinlog.testkit.pd;

import io.grpc.netty.NettyServerBuilder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.tidbbinlog.node.net.Tls;

/** How every port of a double is made: on loopback, generous to clients, behind its mode. */
public final class LoopbackPort {
  private LoopbackPort() {}

  /** Port 0 = any free one. */
  public static NettyServerBuilder builder(int port, Tls tls, AtomicReference<Answering> mode) {
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .intercept(Answering.gate(mode))
            .maxInboundMessageSize(Integer.MAX_VALUE)
            .permitKeepAliveTime(1, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true);
    return tls.active() ? builder.sslContext(tls.forServer()) : builder;
  }
}
