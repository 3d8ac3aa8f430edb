package org.tidbbinlog.node.server;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.node.net.Tls;

/**
 * A TCP port that serves gRPC (h2c with prior knowledge, or TLS with or without ALPN) and HTTP/1.1,
 * told apart by a connection's first bytes; and, if asked for, a unix socket that serves gRPC.
 *
 * <p>gRPC handlers run on the network threads and must not block. HTTP handlers run on a few
 * threads of their own. Source: pump-protocol section 8, pump sections 11 to 13.
 */
public final class PortServer implements AutoCloseable {
  /** Largest request body of the HTTP side. */
  public static final int MAX_HTTP_BODY_BYTES = 1 << 20;

  private static final int FLOW_CONTROL_WINDOW_BYTES = 4 << 20;

  private final Builder built;
  private final EventLoopGroup acceptLoop;
  private final EventLoopGroup workLoop;
  private final HttpSide http;
  private final List<Server> servers = new ArrayList<>();
  private Optional<Path> boundSocket = Optional.empty();

  private PortServer(Builder builder) {
    this.built = builder;
    this.http = new HttpSide(builder.name, builder.routes);
    this.acceptLoop = loop(builder.name + "-accept", 1);
    this.workLoop = loop(builder.name + "-io", builder.ioThreads);
  }

  /**
   * @param name what the threads are called after, for example {@code pump}
   */
  public static Builder builder(String name) {
    return new Builder(name);
  }

  /** What a port serves, and where. */
  public static final class Builder {
    private final String name;
    private final List<ServerServiceDefinition> services = new ArrayList<>();
    private String listen = "127.0.0.1:0";
    private Optional<Path> unixSocket = Optional.empty();
    private Tls tls = Tls.plaintext();
    private HttpRoutes routes = HttpRoutes.NONE;
    private long maxInboundMessageBytes = Long.MAX_VALUE;
    private Duration keepAliveEvery = Duration.ofSeconds(30);
    private Duration keepAliveAnswer = Duration.ofSeconds(20);
    private int ioThreads = Math.max(2, Runtime.getRuntime().availableProcessors());

    private Builder(String name) {
      this.name = name;
    }

    /** {@code host:port}; port 0 takes a free one; an empty host means all addresses. */
    public Builder listen(String hostPort) {
      this.listen = hostPort;
      return this;
    }

    /** Serves gRPC there too, without TLS; a stale socket file is replaced. */
    public Builder unixSocket(Path path) {
      this.unixSocket = Optional.of(path);
      return this;
    }

    public Builder tls(Tls tls) {
      this.tls = tls;
      return this;
    }

    public Builder service(BindableService service) {
      return service(service.bindService());
    }

    public Builder service(ServerServiceDefinition service) {
      services.add(service);
      return this;
    }

    public Builder routes(HttpRoutes routes) {
      this.routes = routes;
      return this;
    }

    /** Larger requests fail with the original's RESOURCE_EXHAUSTED text. Default: no limit. */
    public Builder maxInboundMessageBytes(long bytes) {
      this.maxInboundMessageBytes = bytes;
      return this;
    }

    /**
     * A gRPC peer that is silent for {@code every} is asked for a sign of life, and cut when none
     * comes within {@code answer}: what it held is free long before TCP gives up. Default: 30 s and
     * 20 s.
     */
    public Builder keepAlive(Duration every, Duration answer) {
      this.keepAliveEvery = every;
      this.keepAliveAnswer = answer;
      return this;
    }

    public Builder ioThreads(int threads) {
      this.ioThreads = threads;
      return this;
    }

    /** Binds and serves. {@link PortServer#port()} is known when this returns. */
    public PortServer start() {
      PortServer server = new PortServer(this);
      try {
        server.bind();
        return server;
      } catch (RuntimeException e) {
        server.shutdown(Duration.ZERO);
        throw e;
      }
    }
  }

  private void bind() {
    long maxBytes = built.maxInboundMessageBytes;
    InetSocketAddress address = Address.resolve(built.listen);
    servers.add(
        start(
            builder(address)
                .channelType(NioServerSocketChannel.class)
                .withOption(ChannelOption.SO_REUSEADDR, true)
                .withChildOption(ChannelOption.TCP_NODELAY, true)
                .protocolNegotiator(PortNegotiator.sharing(built.tls, http, maxBytes)),
            built.listen));
    if (built.unixSocket.isPresent()) {
      Path path = built.unixSocket.get();
      clearStaleSocket(path);
      servers.add(
          start(
              builder(UnixDomainSocketAddress.of(path))
                  .channelType(NioServerDomainSocketChannel.class)
                  .protocolNegotiator(PortNegotiator.grpcOnly(maxBytes)),
              path.toString()));
      boundSocket = Optional.of(path);
    }
  }

  private NettyServerBuilder builder(SocketAddress address) {
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(address)
            .bossEventLoopGroup(acceptLoop)
            .workerEventLoopGroup(workLoop)
            .directExecutor()
            .flowControlWindow(FLOW_CONTROL_WINDOW_BYTES)
            .maxInboundMessageSize(Integer.MAX_VALUE)
            .keepAliveTime(built.keepAliveEvery.toMillis(), TimeUnit.MILLISECONDS)
            .keepAliveTimeout(built.keepAliveAnswer.toMillis(), TimeUnit.MILLISECONDS)
            .permitKeepAliveTime(1, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true);
    for (ServerServiceDefinition service : built.services) {
      builder.addService(
          ServerInterceptors.intercept(
              MessageLimit.apply(service, built.maxInboundMessageBytes), new GzipMirror()));
    }
    return builder;
  }

  private static Server start(NettyServerBuilder builder, String where) {
    try {
      return builder.build().start();
    } catch (IOException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new OperatorException(
          "cannot listen on "
              + where
              + ": "
              + cause.getMessage()
              + " (is another process using it? choose another address)",
          e);
    }
  }

  /** What a killed process left may go; a socket that answers belongs to somebody. */
  private static void clearStaleSocket(Path path) {
    if (!Files.exists(path) || Files.isRegularFile(path) || Files.isDirectory(path)) {
      return;
    }
    try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      probe.connect(UnixDomainSocketAddress.of(path));
    } catch (IOException e) {
      remove(path); // nobody listens
      return;
    }
    throw new OperatorException(
        "cannot listen on " + path + ": another process is using it, choose another path");
  }

  private static void remove(Path socket) {
    try {
      Files.deleteIfExists(socket);
    } catch (IOException e) {
      throw new OperatorException("cannot remove the socket " + socket + ": " + e.getMessage(), e);
    }
  }

  private static EventLoopGroup loop(String name, int threads) {
    return new MultiThreadIoEventLoopGroup(
        threads, new DefaultThreadFactory(name, true), NioIoHandler.newFactory());
  }

  /** The TCP port bound. */
  public int port() {
    return servers.get(0).getPort();
  }

  /**
   * Takes no new connections, lets running calls and requests finish for at most {@code grace},
   * then cuts them. Safe to call twice.
   */
  public void shutdown(Duration grace) {
    long deadlineNs = System.nanoTime() + grace.toNanos();
    servers.forEach(Server::shutdown);
    try {
      for (Server server : servers) {
        long leftNs = deadlineNs - System.nanoTime();
        if (!server.awaitTermination(Math.max(0, leftNs), TimeUnit.NANOSECONDS)) {
          server.shutdownNow();
          server.awaitTermination(1, TimeUnit.SECONDS);
        }
      }
    } catch (InterruptedException e) {
      servers.forEach(Server::shutdownNow);
      Thread.currentThread().interrupt();
    }
    http.close();
    for (EventLoopGroup loop : List.of(workLoop, acceptLoop)) {
      var unused = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
    boundSocket.ifPresent(PortServer::remove);
  }

  @Override
  public void close() {
    shutdown(Duration.ofSeconds(1));
  }
}
