package org.tidbbinlog.testkit.pd;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.tidbbinlog.node.net.Tls;

/** One member: the port it answers on, while it runs. */
final class PdMember {
  private final Tls tls;
  private final List<BindableService> services;
  private final AtomicReference<Answering> answering = new AtomicReference<>(Answering.NORMALLY);
  private Optional<Server> server = Optional.empty();
  private int port;

  PdMember(int port, Tls tls, List<BindableService> services) {
    this.port = port;
    this.tls = tls;
    this.services = services;
  }

  synchronized void start() {
    NettyServerBuilder builder = LoopbackPort.builder(port, tls, answering);
    services.forEach(builder::addService);
    try {
      Server started = builder.build().start();
      server = Optional.of(started);
      port = started.getPort();
    } catch (IOException e) {
      throw new UncheckedIOException("PD double cannot listen on 127.0.0.1:" + port, e);
    }
  }

  synchronized void stop() {
    server.ifPresent(
        running -> {
          running.shutdownNow();
          try {
            if (!running.awaitTermination(5, TimeUnit.SECONDS)) {
              throw new IllegalStateException("PD double on port " + port + " does not stop");
            }
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    server = Optional.empty();
  }

  /** Leaves the old port for good. */
  synchronized void move() {
    stop();
    port = 0;
    start();
  }

  void answer(Answering mode) {
    answering.set(mode);
  }

  synchronized String url() {
    return tls.scheme() + "://127.0.0.1:" + port;
  }
}
