package org.tidbbinlog.pump.server;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.ClusterConnection;
import org.tidbbinlog.cluster.registry.NodeKind;
import org.tidbbinlog.cluster.registry.NodeStatus;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.node.net.Channels;
import org.tidbbinlog.node.net.Tls;
import org.tidbbinlog.node.process.NodeProcess;
import org.tidbbinlog.node.process.StopReason;
import org.tidbbinlog.pump.storage.FileBinlogStore;
import org.tidbbinlog.testkit.ClusterDouble;
import org.tidbbinlog.wire.pump.PumpGrpc;
import org.tidbbinlog.wire.pump.WriteBinlogReq;
import org.tidbbinlog.wire.pump.WriteBinlogResp;

/** A Pump in this process, with real sockets to it and from it to a {@link ClusterDouble}. */
final class PumpUnderTest implements AutoCloseable {
  static final String NODE_ID = "pump-1";
  private static final long LIMIT_S = 20;

  private final ClusterDouble cluster;
  private final NodeProcess process = NodeProcess.embedded("pump");
  private final PumpNode node;
  private final ManagedChannel channel;
  private final HttpClient http = HttpClient.newHttpClient();
  private final CompletableFuture<StopReason> ended = new CompletableFuture<>();
  private final List<Puller> pullers = new ArrayList<>();

  /** Every option has a value that makes tests quick; {@code more} comes last and wins. */
  static PumpUnderTest start(ClusterDouble cluster, Path dataDir, String... more) throws Exception {
    return start(cluster, dataDir, FileBinlogStore::open, more);
  }

  static PumpUnderTest start(
      ClusterDouble cluster, Path dataDir, PumpNode.StoreOpener store, String... more)
      throws Exception {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "-addr=127.0.0.1:0",
                "-data-dir=" + dataDir,
                "-node-id=" + NODE_ID,
                "-heartbeat-interval=1",
                "-pd-urls=" + String.join(",", cluster.pdUrls())));
    arguments.addAll(List.of(more));
    PumpSettings settings = PumpSettings.parse(arguments, Map.of());
    return new PumpUnderTest(cluster, settings, store);
  }

  private PumpUnderTest(ClusterDouble cluster, PumpSettings settings, PumpNode.StoreOpener store)
      throws Exception {
    this.cluster = cluster;
    this.node = PumpNode.create(settings, Clock.system(), store);
    try {
      node.start(process);
    } catch (Exception e) {
      node.close();
      throw e;
    }
    this.channel = Channels.open("127.0.0.1:" + node.port(), Tls.plaintext());
    Thread main = new Thread(this::live, "test-main");
    main.setDaemon(true);
    main.start();
  }

  /** What PumpMain does once the node is online. */
  private void live() {
    try {
      StopReason why = process.awaitStop();
      node.stop(why);
      node.close();
      ended.complete(why);
    } catch (Exception e) {
      ended.completeExceptionally(e);
    }
  }

  PumpNode node() {
    return node;
  }

  int port() {
    return node.port();
  }

  ManagedChannel channel() {
    return channel;
  }

  PumpGrpc.PumpBlockingStub stub() {
    return PumpGrpc.newBlockingStub(channel).withDeadlineAfter(LIMIT_S, TimeUnit.SECONDS);
  }

  WriteBinlogResp write(Binlog binlog) {
    return write(cluster.clusterId(), binlog.encode());
  }

  WriteBinlogResp write(long clusterId, byte[] payload) {
    return stub()
        .writeBinlog(
            WriteBinlogReq.newBuilder()
                .setClusterID(clusterId)
                .setPayload(ByteString.copyFrom(payload))
                .build());
  }

  /** The status of a write that must fail. */
  Status refused(Binlog binlog) {
    return refused(cluster.clusterId(), binlog.encode());
  }

  Status refused(long clusterId, byte[] payload) {
    try {
      write(clusterId, payload);
    } catch (StatusRuntimeException e) {
      return e.getStatus();
    }
    throw new AssertionError("write was accepted");
  }

  static Binlog prewrite(long startTs, String value) {
    return Binlog.prewrite(new Tso(startTs), Payload.ofUtf8("k" + startTs), Payload.ofUtf8(value));
  }

  static Binlog commit(Binlog prewrite, long commitTs) {
    return Binlog.commitOf(prewrite, new Tso(commitTs));
  }

  /** Prewrite and Commit with timestamps of PD; answers the commit timestamp. */
  Tso transaction(String value) {
    Binlog prewrite = prewrite(cluster.pd().nextTso().value(), value);
    write(prewrite);
    Tso commitTs = cluster.pd().nextTso();
    write(Binlog.commitOf(prewrite, commitTs));
    return commitTs;
  }

  Puller pull(long from) {
    Puller puller = Puller.start(channel, cluster.clusterId(), from);
    pullers.add(puller);
    return puller;
  }

  HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return send("GET", path);
  }

  HttpResponse<String> send(String method, String path) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
            .timeout(Duration.ofSeconds(LIMIT_S))
            .method(method, HttpRequest.BodyPublishers.noBody())
            .build();
    return http.send(request, HttpResponse.BodyHandlers.ofString());
  }

  /** This Pump's entry of the registry, read through a connection of its own. */
  Optional<NodeStatus> registered() throws InterruptedException {
    return registered(cluster, NODE_ID);
  }

  static Optional<NodeStatus> registered(ClusterDouble cluster, String nodeId)
      throws InterruptedException {
    try (ClusterConnection connection =
        ClusterConnection.open(cluster.pdUrls(), Tls.plaintext(), Clock.system())) {
      return connection.registry().find(NodeKind.PUMP, nodeId);
    }
  }

  static void register(ClusterDouble cluster, NodeStatus status) throws InterruptedException {
    try (ClusterConnection connection =
        ClusterConnection.open(cluster.pdUrls(), Tls.plaintext(), Clock.system())) {
      connection.registry().put(status);
    }
  }

  void askToStop(StopReason why) {
    process.requestStop(why);
  }

  /** Waits until the node has stopped. */
  StopReason awaitEnd() throws Exception {
    return ended.get(LIMIT_S, TimeUnit.SECONDS);
  }

  boolean hasEnded() {
    return ended.isDone();
  }

  @Override
  public void close() {
    pullers.forEach(Puller::close);
    askToStop(StopReason.SIGNAL);
    ended.orTimeout(LIMIT_S, TimeUnit.SECONDS).join();
    channel.shutdownNow();
  }
}
