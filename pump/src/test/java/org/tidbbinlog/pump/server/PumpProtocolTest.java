package org.tidbbinlog.pump.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.codec.binlog.BinlogKind;
import org.tidbbinlog.node.process.StopReason;
import org.tidbbinlog.testkit.ClusterDouble;
import org.tidbbinlog.wire.pump.Entity;
import org.tidbbinlog.wire.pump.PullBinlogReq;
import org.tidbbinlog.wire.pump.PullBinlogResp;
import org.tidbbinlog.wire.pump.PumpGrpc;
import org.tidbbinlog.wire.pump.WriteBinlogReq;
import org.tidbbinlog.wire.pump.WriteBinlogResp;

/** The acceptance facts of pump-protocol, over real sockets. */
@Timeout(90)
final class PumpProtocolTest {
  private final ClusterDouble cluster = ClusterDouble.start();

  @AfterEach
  void stopCluster() {
    cluster.close();
  }

  private PumpUnderTest start(Path dir, String... more) throws Exception {
    return PumpUnderTest.start(cluster, dir, more);
  }

  private PumpUnderTest startOn(MemoryStore memory, Path dir, String... more) throws Exception {
    return PumpUnderTest.start(cluster, dir, (d, s, t, c, o, k) -> memory, more);
  }

  private Binlog prewrite(String value) {
    return PumpUnderTest.prewrite(cluster.pd().nextTso().value(), value);
  }

  @Test
  @DisplayName("pump-protocol fact 1: a write without payload is answered with success, not stored")
  void emptyPayload_isAProbe(@TempDir Path dir) throws Exception {
    MemoryStore memory = new MemoryStore();
    try (PumpUnderTest pump = startOn(memory, dir, "-fake-binlog-interval=60")) {
      WriteBinlogResp answer = pump.write(cluster.clusterId(), new byte[0]);
      assertThat(answer.getSerializedSize()).isZero();
      assertThat(memory.appendedCount()).isZero();
    }
  }

  @Test
  @DisplayName("pump-protocol fact 2: another cluster id is UNKNOWN with both ids")
  void wrongCluster_isRefusedWithBothIds(@TempDir Path dir) throws Exception {
    try (PumpUnderTest pump = start(dir)) {
      Status status = pump.refused(1, new byte[0]);
      String text = "cluster ID are mismatch, 1 vs " + cluster.clusterId();
      assertThat(status.getCode()).isEqualTo(Status.Code.UNKNOWN);
      assertThat(status.getDescription()).isEqualTo(text);
      Puller puller = Puller.start(pump.channel(), 1, 0);
      assertThat(puller.awaitEnd().getCode()).isEqualTo(Status.Code.UNKNOWN);
      assertThat(puller.awaitEnd().getDescription()).isEqualTo(text);
    }
  }

  @Test
  @DisplayName("pump-protocol fact 3: payload 01 02 03 is UNKNOWN, the loss counter grows")
  void garbage_isRefusedWithDecoderText(@TempDir Path dir) throws Exception {
    try (PumpUnderTest pump = start(dir)) {
      Status status = pump.refused(cluster.clusterId(), new byte[] {1, 2, 3});
      assertThat(status.getCode()).isEqualTo(Status.Code.UNKNOWN);
      assertThat(status.getDescription()).isEqualTo("proto: Binlog: illegal tag 0 (wire type 1)");
      assertThat(pump.get("/metrics").body()).contains("binlog_pump_loss_binlog_count 1\n");
    }
  }

  @Test
  @DisplayName("pump-protocol fact 4: a leaving pump refuses prewrites and takes commits")
  void closingPump_refusesPrewrites_takesCommits(@TempDir Path dir) throws Exception {
    try (PumpUnderTest pump = start(dir)) {
      Binlog open = prewrite("a");
      pump.write(open);
      assertThat(pump.send("PUT", "/state/pump-1/close").body()).contains("\"code\": 200");
      Status status = pump.refused(prewrite("b"));
      assertThat(status.getCode()).isEqualTo(Status.Code.UNKNOWN);
      assertThat(status.getDescription()).isEqualTo("no online: closing");
      assertThat(pump.refused(cluster.clusterId(), new byte[0]).getDescription())
          .as("probe")
          .isEqualTo("no online: closing");
      assertThat(pump.registered().orElseThrow().state()).isEqualTo(NodeState.CLOSING);
      pump.write(PumpUnderTest.commit(open, cluster.pd().nextTso().value()));
      assertThat(pump.awaitEnd()).isEqualTo(StopReason.CLOSE);
      assertThat(pump.registered().orElseThrow().state()).isEqualTo(NodeState.OFFLINE);
    }
  }

  @Test
  @DisplayName("pump-protocol fact 5: an empty Binlog is 08001000180038004000")
  void emptyBinlog_hasTheOriginalsBytes() {
    Binlog decoded = Binlog.decode(ByteBuffer.allocate(0));
    assertThat(HexFormat.of().formatHex(decoded.encode())).isEqualTo("08001000180038004000");
  }

  @Test
  @DisplayName("pump-protocol fact 6: the fake binlog of 1000 is 080210e80718e80738004000")
  void fakeBinlog_hasTheOriginalsBytes() {
    assertThat(HexFormat.of().formatHex(Binlog.fake(new Tso(1000)).encode()))
        .isEqualTo("080210e80718e80738004000");
  }

  @Test
  @DisplayName(
      "pump-protocol fact 7: a pull from X yields only commit timestamps above X, ascending")
  void pull_fromOffset_isExclusiveAndAscending(@TempDir Path dir) throws Exception {
    try (PumpUnderTest pump = start(dir)) {
      Tso first = pump.transaction("1");
      Tso second = pump.transaction("2");
      Tso third = pump.transaction("3");
      Puller puller = pump.pull(first.value());
      List<Binlog> got = puller.awaitTransactions(2);
      assertThat(got).extracting(Binlog::commitTs).containsExactly(second, third);
      assertThat(puller.received().get(0).hasPos()).isTrue();
    }
  }

  @Test
  @DisplayName("pump-protocol fact 8: a commit is delivered with its prewrite's value")
  void commit_isCompletedFromItsPrewrite(@TempDir Path dir) throws Exception {
    try (PumpUnderTest pump = start(dir, "-fake-binlog-interval=60")) {
      Binlog prewrite = PumpUnderTest.prewrite(10, "V");
      pump.write(prewrite);
      pump.write(PumpUnderTest.commit(prewrite, 12));
      Binlog got = pump.pull(0).awaitTransactions(1).get(0);
      assertThat(got.kind()).isEqualTo(BinlogKind.COMMIT);
      assertThat(got.startTs().value()).isEqualTo(10);
      assertThat(got.commitTs().value()).isEqualTo(12);
      assertThat(got.prewriteValue().utf8()).isEqualTo("V");
    }
  }

  @Test
  @DisplayName("pump-protocol fact 10: after 3 s of silence a fake binlog is delivered")
  void silence_isBrokenByFakeBinlogs(@TempDir Path dir) throws Exception {
    try (PumpUnderTest pump = start(dir)) {
      Puller puller = pump.pull(0);
      await().atMost(Duration.ofSeconds(10)).until(() -> !puller.received().isEmpty());
      Entity fake = puller.received().get(0);
      assertThat(Puller.binlog(fake).kind()).isEqualTo(BinlogKind.ROLLBACK);
      assertThat(fake.getMeta().getStartTs()).isEqualTo(fake.getMeta().getCommitTs());
    }
  }

  @Test
  @DisplayName("pump-protocol fact 11: a pull asked for with gzip is answered with gzip")
  void gzip_isMirrored(@TempDir Path dir) throws Exception {
    try (PumpUnderTest pump = start(dir)) {
      pump.transaction("v".repeat(10_000));
      ResponseHeaders seen = new ResponseHeaders();
      Iterator<PullBinlogResp> stream =
          PumpGrpc.newBlockingStub(ClientInterceptors.intercept(pump.channel(), seen))
              .withCompression("gzip")
              .withDeadlineAfter(20, TimeUnit.SECONDS)
              .pullBinlogs(PullBinlogReq.newBuilder().setClusterID(cluster.clusterId()).build());
      assertThat(stream.next().getEntity().getPayload().size()).isGreaterThan(10_000);
      assertThat(seen.encoding.get(5, TimeUnit.SECONDS)).isEqualTo("gzip");
    }
  }

  @Test
  @DisplayName(
      "pump-protocol fact 12: a message above the limit is RESOURCE_EXHAUSTED in Go's words")
  void oversizedMessage_isRefusedInGosWords(@TempDir Path dir) throws Exception {
    try (PumpUnderTest pump = start(dir, "-max-message-size=1000")) {
      Status status = pump.refused(prewrite("v".repeat(2000)));
      assertThat(status.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
      assertThat(status.getDescription())
          .contains("grpc: received message larger than max (")
          .endsWith(" vs. 1000)");
      pump.transaction("small");
    }
  }

  @Test
  @DisplayName("pump-protocol fact 13: gRPC and HTTP/1.1 GET work on the same port")
  void grpcAndHttp_shareThePort(@TempDir Path dir) throws Exception {
    try (PumpUnderTest pump = start(dir)) {
      pump.transaction("v");
      assertThat(pump.get("/status").statusCode()).isEqualTo(200);
      assertThat(pump.get("/nothing").statusCode()).isEqualTo(404);
      assertThat(pump.send("POST", "/status").statusCode()).isEqualTo(405);
    }
  }

  @Test
  @DisplayName("pump-protocol fact 14: drop column is delivered twice, states 1 then 0")
  void dropColumn_isDeliveredTwice(@TempDir Path dir) throws Exception {
    try (PumpUnderTest pump = start(dir, "-fake-binlog-interval=60")) {
      ddl(pump, 20, 77, 1, "ALTER TABLE `t` DROP COLUMN `c`;");
      ddl(pump, 30, 77, 0, "ALTER TABLE `t` DROP COLUMN `c`;");
      List<Binlog> got = pump.pull(0).awaitTransactions(2);
      assertThat(got).extracting(Binlog::ddlJobId).containsExactly(77L, 77L);
      assertThat(got).extracting(Binlog::ddlSchemaState).containsExactly(1, 0);
    }
  }

  @Test
  @DisplayName("pump-protocol fact 15: SELECT SETVAL is delivered like any DDL")
  void sequenceValue_isDeliveredLikeADdl(@TempDir Path dir) throws Exception {
    try (PumpUnderTest pump = start(dir, "-fake-binlog-interval=60")) {
      ddl(pump, 20, 78, 5, "SELECT SETVAL(`db`.`seq`, 1000);");
      Binlog got = pump.pull(0).awaitTransactions(1).get(0);
      assertThat(got.ddlQuery().utf8()).isEqualTo("SELECT SETVAL(`db`.`seq`, 1000);");
    }
  }

  private static void ddl(PumpUnderTest pump, long ts, long job, int schemaState, String query) {
    Binlog prewrite =
        Binlog.prewriteDdl(
            new Tso(ts), Payload.ofUtf8("k"), Payload.ofUtf8(query), job, schemaState);
    pump.write(prewrite);
    pump.write(PumpUnderTest.commit(prewrite, ts + 1));
  }

  @Test
  void pull_ofABrokenStore_endsWithInternal(@TempDir Path dir) throws Exception {
    MemoryStore memory = new MemoryStore();
    try (PumpUnderTest pump = startOn(memory, dir)) {
      memory.failReadsWith(new IllegalStateException("disk on fire"));
      Status status = pump.pull(0).awaitEnd();
      assertThat(status.getCode()).isEqualTo(Status.Code.INTERNAL);
      assertThat(status.getDescription()).contains("disk on fire");
    }
  }

  @Test
  void pull_ofAStoppingPump_endsWithOk(@TempDir Path dir) throws Exception {
    try (PumpUnderTest pump = start(dir)) {
      Puller puller = pump.pull(0);
      pump.transaction("v");
      puller.awaitTransactions(1);
      pump.askToStop(StopReason.SIGNAL);
      assertThat(puller.awaitEnd().isOk()).isTrue();
    }
  }

  @Test
  void negativeOffset_meansTheBeginning(@TempDir Path dir) throws Exception {
    try (PumpUnderTest pump = start(dir)) {
      pump.transaction("v");
      assertThat(pump.pull(-5).awaitTransactions(1)).hasSize(1);
    }
  }

  @Test
  void malformedEnvelope_isInternal(@TempDir Path dir) throws Exception {
    try (PumpUnderTest pump = start(dir)) {
      Status status = rawWrite(pump, new byte[] {0x12, 0x7f, 0x01});
      assertThat(status.getCode()).isEqualTo(Status.Code.INTERNAL);
      assertThat(status.getDescription()).startsWith("grpc: error unmarshalling request:");
    }
  }

  private static Status rawWrite(PumpUnderTest pump, byte[] message) {
    MethodDescriptor<byte[], byte[]> raw =
        PumpGrpc.getWriteBinlogMethod().toBuilder(Bytes.MARSHALLER, Bytes.MARSHALLER).build();
    try {
      io.grpc.stub.ClientCalls.blockingUnaryCall(pump.channel(), raw, CallOptions.DEFAULT, message);
      return Status.OK;
    } catch (io.grpc.StatusRuntimeException e) {
      return e.getStatus();
    }
  }

  @Test
  void largePayload_goesThroughASpillFile_andArrivesWhole(@TempDir Path dir) throws Exception {
    try (PumpUnderTest pump = start(dir)) {
      String value = "0123456789".repeat(1_000_000);
      Tso commitTs = pump.transaction(value);
      Binlog got = pump.pull(commitTs.value() - 1).awaitTransactions(1).get(0);
      assertThat(got.prewriteValue().utf8()).isEqualTo(value);
      assertThat(dir.resolve("spill")).isEmptyDirectory();
    }
  }

  @Test
  void payloadBeforeClusterId_isReadToo(@TempDir Path dir) throws Exception {
    try (PumpUnderTest pump = start(dir)) {
      byte[] inOrder =
          WriteBinlogReq.newBuilder()
              .setClusterID(cluster.clusterId())
              .setPayload(ByteString.copyFrom(prewrite("v").encode()))
              .build()
              .toByteArray();
      int idBytes =
          WriteBinlogReq.newBuilder().setClusterID(cluster.clusterId()).build().getSerializedSize();
      byte[] swapped = new byte[inOrder.length];
      System.arraycopy(inOrder, idBytes, swapped, 0, inOrder.length - idBytes);
      System.arraycopy(inOrder, 0, swapped, inOrder.length - idBytes, idBytes);
      assertThat(rawWrite(pump, swapped).isOk()).isTrue();
    }
  }

  /** Remembers the encoding of the response. */
  private static final class ResponseHeaders implements ClientInterceptor {
    final CompletableFuture<String> encoding = new CompletableFuture<>();

    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(
        MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
      return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
        @Override
        public void start(Listener<A> listener, Metadata headers) {
          super.start(
              new SimpleForwardingClientCallListener<A>(listener) {
                @Override
                public void onHeaders(Metadata got) {
                  Metadata.Key<String> key =
                      Metadata.Key.of("grpc-encoding", Metadata.ASCII_STRING_MARSHALLER);
                  encoding.complete(Optional.ofNullable(got.get(key)).orElse("none"));
                  super.onHeaders(got);
                }
              },
              headers);
        }
      };
    }
  }
}
