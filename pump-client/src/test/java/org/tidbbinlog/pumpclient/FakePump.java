package org.tidbbinlog.pumpclient;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.registry.NodeKind;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.cluster.registry.NodeStatus;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.codec.binlog.BinlogKind;
import org.tidbbinlog.node.server.PortServer;
import org.tidbbinlog.wire.pump.PumpGrpc;
import org.tidbbinlog.wire.pump.WriteBinlogReq;
import org.tidbbinlog.wire.pump.WriteBinlogResp;

/** A Pump that only records what it is sent, behind a real port, and answers as told. */
final class FakePump implements AutoCloseable {
  private final String id;
  private final List<WriteBinlogReq> received = new CopyOnWriteArrayList<>();
  private final ScheduledExecutorService later = Executors.newSingleThreadScheduledExecutor();
  private final Service service = new Service();
  private PortServer server;
  private volatile Mode mode = Mode.STORE;
  private volatile Duration delay = Duration.ZERO;

  enum Mode {
    STORE,
    /** gRPC UNAVAILABLE. */
    UNAVAILABLE,
    /** gRPC UNKNOWN with a Pump's text. */
    NOT_ONLINE,
    /** A refusal inside the answer. */
    ERRMSG,
    /** Stores, but never answers. */
    SILENT
  }

  FakePump(String id) {
    this(id, Long.MAX_VALUE);
  }

  FakePump(String id, long maxMessageBytes) {
    this.id = id;
    this.server =
        PortServer.builder("fakepump")
            .service(service)
            .maxInboundMessageBytes(maxMessageBytes)
            .ioThreads(1)
            .start();
  }

  FakePump(Path socket) {
    this.id = "local";
    this.server =
        PortServer.builder("fakepump").service(service).unixSocket(socket).ioThreads(1).start();
  }

  void mode(Mode newMode) {
    mode = newMode;
  }

  void delay(Duration newDelay) {
    delay = newDelay;
  }

  String address() {
    return "127.0.0.1:" + server.port();
  }

  void moveToAnotherPort() {
    server.close();
    server = PortServer.builder("fakepump").service(service).ioThreads(1).start();
  }

  NodeStatus status(NodeState state) {
    return new NodeStatus(NodeKind.PUMP, id, address(), state, Tso.ZERO, Tso.ZERO);
  }

  /** Everything received, failed calls included. */
  List<WriteBinlogReq> requests() {
    return received;
  }

  List<Binlog> binlogs() {
    return received.stream()
        .filter(request -> !request.getPayload().isEmpty())
        .map(request -> Binlog.decode(ByteBuffer.wrap(request.getPayload().toByteArray())))
        .toList();
  }

  List<Long> startTs(BinlogKind kind) {
    return binlogs().stream()
        .filter(binlog -> binlog.kind() == kind)
        .map(binlog -> binlog.startTs().value())
        .toList();
  }

  long probes() {
    return received.stream().filter(request -> request.getPayload().isEmpty()).count();
  }

  @Override
  public void close() {
    later.shutdownNow();
    server.close();
  }

  private final class Service extends PumpGrpc.PumpImplBase {
    @Override
    public void writeBinlog(WriteBinlogReq request, StreamObserver<WriteBinlogResp> out) {
      received.add(request);
      var unused = later.schedule(() -> answer(out), delay.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void answer(StreamObserver<WriteBinlogResp> out) {
      switch (mode) {
        case STORE -> reply(out, "");
        case ERRMSG -> reply(out, "refused");
        case UNAVAILABLE -> out.onError(Status.UNAVAILABLE.asRuntimeException());
        case NOT_ONLINE ->
            out.onError(Status.UNKNOWN.withDescription("no online: pausing").asRuntimeException());
        case SILENT -> {}
      }
    }

    private static void reply(StreamObserver<WriteBinlogResp> out, String errmsg) {
      out.onNext(WriteBinlogResp.newBuilder().setErrmsg(errmsg).build());
      out.onCompleted();
    }
  }
}
