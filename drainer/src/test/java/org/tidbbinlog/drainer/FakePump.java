package org.tidbbinlog.drainer;

import com.google.protobuf.ByteString;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.pull.PullGap;
import org.tidbbinlog.cluster.pull.PullHeaders;
import org.tidbbinlog.cluster.registry.NodeKind;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.cluster.registry.NodeStatus;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.wire.pump.BinlogMeta;
import org.tidbbinlog.wire.pump.Entity;
import org.tidbbinlog.wire.pump.Pos;
import org.tidbbinlog.wire.pump.PullBinlogReq;
import org.tidbbinlog.wire.pump.PullBinlogResp;
import org.tidbbinlog.wire.pump.PumpGrpc;

/** A Pump that only serves pulls, over a real socket, from what the test put into it. */
public final class FakePump extends PumpGrpc.PumpImplBase implements AutoCloseable {
  private final String nodeId;
  private final long clusterId;
  private final TreeMap<Long, PullBinlogResp> binlogs = new TreeMap<>();
  private final List<Pull> pulls = new ArrayList<>();
  private final List<Long> offsets = new ArrayList<>();
  private Server server;
  private Mode mode = Mode.SERVE;
  private Optional<PullGap> gap = Optional.empty();
  private volatile String gapHeader = "";

  /** What a pull gets. */
  public enum Mode {
    SERVE,
    /** Accepts pulls and never says anything: a half-open connection. */
    MUTE
  }

  private static final class Pull {
    private final ServerCallStreamObserver<PullBinlogResp> out;
    private long position;

    Pull(ServerCallStreamObserver<PullBinlogResp> out, long position) {
      this.out = out;
      this.position = position;
    }
  }

  private FakePump(String nodeId, long clusterId) {
    this.nodeId = nodeId;
    this.clusterId = clusterId;
    this.server = listen();
  }

  public static FakePump start(String nodeId, long clusterId) {
    return new FakePump(nodeId, clusterId);
  }

  private Server listen() {
    try {
      return NettyServerBuilder.forAddress(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
          .addService(ServerInterceptors.intercept(this, new HeaderNote()))
          .build()
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public String host() {
    return "127.0.0.1:" + server.getPort();
  }

  public NodeStatus status(NodeState state) {
    return new NodeStatus(NodeKind.PUMP, nodeId, host(), state, Tso.ZERO, Tso.ZERO);
  }

  /** Goes on at another port, as after a move to another machine. */
  public void moveToAnotherPort() {
    server.shutdownNow();
    synchronized (this) {
      pulls.clear();
    }
    server = listen();
  }

  /** Breaks all pulls now running. */
  public synchronized void breakPulls() {
    pulls.forEach(pull -> pull.out.onError(Status.INTERNAL.asException()));
    pulls.clear();
  }

  public synchronized void mode(Mode next) {
    mode = next;
  }

  public synchronized void add(Binlog binlog) {
    add(binlog.startTs().value(), binlog.commitTs().value(), binlog.encode());
  }

  public void fake(long ts) {
    add(Binlog.fake(new Tso(ts)));
  }

  public synchronized void add(long startTs, long commitTs, byte[] payload) {
    binlogs.put(
        commitTs,
        PullBinlogResp.newBuilder()
            .setEntity(
                Entity.newBuilder()
                    .setPos(Pos.getDefaultInstance())
                    .setPayload(ByteString.copyFrom(payload))
                    .setMeta(BinlogMeta.newBuilder().setStartTs(startTs).setCommitTs(commitTs)))
            .build());
    pulls.forEach(this::send);
  }

  /** What lies at {@code position} is sent as it is, without timestamps beside it. */
  public synchronized void addNameless(long position, byte[] payload) {
    binlogs.put(
        position,
        PullBinlogResp.newBuilder()
            .setEntity(
                Entity.newBuilder()
                    .setPos(Pos.getDefaultInstance())
                    .setPayload(ByteString.copyFrom(payload)))
            .build());
    pulls.forEach(this::send);
  }

  /** From now on strict pulls are refused. */
  public synchronized void collected(PullGap now) {
    gap = Optional.of(now);
  }

  /** What the newest pull said about gaps; empty for nothing. */
  public String gapHeader() {
    return gapHeader;
  }

  private final class HeaderNote implements ServerInterceptor {
    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
      String asked = headers.get(PullHeaders.GAP);
      gapHeader = asked == null ? "" : asked;
      return next.startCall(call, headers);
    }
  }

  /** Where each pull so far began. */
  public synchronized List<Long> offsets() {
    return List.copyOf(offsets);
  }

  @Override
  public synchronized void pullBinlogs(
      PullBinlogReq request, StreamObserver<PullBinlogResp> reply) {
    if (request.getClusterID() != clusterId) {
      reply.onError(
          Status.UNKNOWN
              .withDescription(
                  "cluster ID are mismatch, " + request.getClusterID() + " vs " + clusterId)
              .asException());
      return;
    }
    long offset = request.getStartFrom().getOffset();
    offsets.add(offset);
    if (gap.isPresent() && gapHeader.equals(PullHeaders.REFUSE)) {
      reply.onError(
          Status.OUT_OF_RANGE
              .withDescription("garbage collected")
              .asException(PullHeaders.trailers(gap.get())));
      return;
    }
    Pull pull = new Pull((ServerCallStreamObserver<PullBinlogResp>) reply, offset);
    pull.out.setOnCancelHandler(() -> forget(pull));
    pulls.add(pull);
    pull.out.setOnReadyHandler(() -> sendMore(pull));
    send(pull);
  }

  private synchronized void sendMore(Pull pull) {
    send(pull);
  }

  private synchronized void forget(Pull pull) {
    pulls.remove(pull);
  }

  private void send(Pull pull) {
    while (mode == Mode.SERVE && pull.out.isReady()) {
      Map.Entry<Long, PullBinlogResp> next = binlogs.higherEntry(pull.position);
      if (next == null) {
        return;
      }
      pull.position = next.getKey();
      pull.out.onNext(next.getValue());
    }
  }

  @Override
  public void close() {
    server.shutdownNow();
    try {
      server.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
