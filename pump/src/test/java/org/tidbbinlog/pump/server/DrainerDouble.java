package org.tidbbinlog.pump.server;

import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.registry.NodeKind;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.cluster.registry.NodeStatus;
import org.tidbbinlog.testkit.ClusterDouble;
import org.tidbbinlog.wire.cistern.CisternGrpc;
import org.tidbbinlog.wire.cistern.NotifyReq;
import org.tidbbinlog.wire.cistern.NotifyResp;

/** A Drainer as far as a Pump can see one: an entry in the registry, and an ear for Notify. */
final class DrainerDouble extends CisternGrpc.CisternImplBase implements AutoCloseable {
  private final ClusterDouble cluster;
  private final Server server;
  private final AtomicInteger notified = new AtomicInteger();
  private final AtomicInteger failures = new AtomicInteger();
  private volatile Runnable atNotify = () -> {};

  private DrainerDouble(ClusterDouble cluster) throws IOException {
    this.cluster = cluster;
    this.server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(this)
            .build()
            .start();
  }

  static DrainerDouble start(ClusterDouble cluster) throws IOException {
    return new DrainerDouble(cluster);
  }

  void register(NodeState state, Tso checkpoint) throws InterruptedException {
    PumpUnderTest.register(
        cluster,
        new NodeStatus(
            NodeKind.DRAINER,
            "drainer-1",
            "127.0.0.1:" + server.getPort(),
            state,
            checkpoint,
            cluster.pd().nextTso()));
  }

  void failNext(int times) {
    failures.set(times);
  }

  /** {@code look} runs before each Notify is answered. */
  void atNotify(Runnable look) {
    atNotify = look;
  }

  int notified() {
    return notified.get();
  }

  @Override
  public void notify(NotifyReq request, StreamObserver<NotifyResp> out) {
    notified.incrementAndGet();
    atNotify.run();
    if (failures.getAndDecrement() > 0) {
      out.onError(Status.UNKNOWN.withDescription("not now").asRuntimeException());
      return;
    }
    out.onNext(NotifyResp.getDefaultInstance());
    out.onCompleted();
  }

  @Override
  public void close() {
    server.shutdownNow();
  }
}
