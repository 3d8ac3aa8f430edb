package org.tidbbinlog.pump.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.MetadataUtils;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.pull.PullHeaders;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.pump.storage.GcOutcome;
import org.tidbbinlog.testkit.ClusterDouble;
import org.tidbbinlog.wire.pump.PullBinlogReq;
import org.tidbbinlog.wire.pump.PullBinlogResp;
import org.tidbbinlog.wire.pump.PumpGrpc;

/** Pull streams beyond the plain case: slow readers, gaps, many at once. */
@Timeout(90)
final class PumpPullTest {
  private final ClusterDouble cluster = ClusterDouble.start();

  @AfterEach
  void stopCluster() {
    cluster.close();
  }

  @Test
  void readerThatDoesNotRead_isNotSentMoreThanTheWindow(@TempDir Path dir) throws Exception {
    MemoryStore memory = new MemoryStore();
    try (PumpUnderTest pump =
        PumpUnderTest.start(
            cluster, dir, (d, s, t, c, o, k) -> memory, "-fake-binlog-interval=60")) {
      for (int i = 0; i < 200; i++) {
        pump.transaction("v".repeat(100_000));
      }
      ClientCall<PullBinlogReq, PullBinlogResp> call =
          pump.channel().newCall(PumpGrpc.getPullBinlogsMethod(), CallOptions.DEFAULT);
      call.start(new ClientCall.Listener<>() {}, new Metadata());
      call.request(1);
      call.sendMessage(PullBinlogReq.newBuilder().setClusterID(cluster.clusterId()).build());
      call.halfClose();
      await().until(() -> memory.readCount() > 0);
      Thread.sleep(1000);
      assertThat(memory.readCount()).as("of 200 records of 100 kB").isLessThan(100);
      call.request(1000);
      await().atMost(Duration.ofSeconds(20)).until(() -> memory.readCount() == 200);
      call.cancel("enough", null);
      await().until(() -> pump.get("/metrics").body().contains(PULLED_ONCE));
    }
  }

  private static final String PULLED_ONCE =
      "binlog_pump_rpc_duration_seconds_count{method=\"PullBinlogs\",label=\"succ\"} 1\n";

  @Test
  void collectedData_isRefusedToStrictReaders_skippedForOthers(@TempDir Path dir) throws Exception {
    try (PumpUnderTest pump = PumpUnderTest.start(cluster, dir)) {
      Tso first = pump.transaction("1");
      Tso second = pump.transaction("2");
      Tso third = pump.transaction("3");
      await().until(() -> !pump.node().store().maxCommitTs().isBefore(third));
      assertThat(pump.node().store().collectGarbage(second, () -> second))
          .isEqualTo(GcOutcome.DONE);
      Status refused =
          Puller.start(
                  ClientInterceptors.intercept(
                      pump.channel(),
                      MetadataUtils.newAttachHeadersInterceptor(PullHeaders.strict())),
                  cluster.clusterId(),
                  first.value())
              .awaitEnd();
      assertThat(refused.getCode()).isEqualTo(Status.Code.OUT_OF_RANGE);
      assertThat(refused.getDescription()).contains(first.toString(), second.toString());
      Puller lenient =
          Puller.start(
              ClientInterceptors.intercept(
                  pump.channel(), MetadataUtils.newAttachHeadersInterceptor(PullHeaders.lenient())),
              cluster.clusterId(),
              first.value());
      lenient.awaitPast(third.value());
      assertThat(lenient.transactions()).extracting(Binlog::commitTs).containsExactly(third);
    }
  }

  @Test
  void manyReaders_eachGetEverything(@TempDir Path dir) throws Exception {
    try (PumpUnderTest pump = PumpUnderTest.start(cluster, dir)) {
      Puller[] pullers = new Puller[20];
      for (int i = 0; i < pullers.length; i++) {
        pullers[i] = pump.pull(0);
      }
      for (int i = 0; i < 50; i++) {
        pump.transaction("v" + i);
      }
      for (Puller puller : pullers) {
        assertThat(puller.awaitTransactions(50)).hasSize(50);
      }
    }
  }

  @Test
  void strictReaderFromNothing_overtakenLater_isToldOfTheGap(@TempDir Path dir) throws Exception {
    MemoryStore memory = new MemoryStore();
    try (PumpUnderTest pump =
        PumpUnderTest.start(
            cluster, dir, (d, s, t, c, o, k) -> memory, "-fake-binlog-interval=60")) {
      Tso end = overtake(pump, memory, PullHeaders.strict());
      assertThat(end).isEqualTo(Tso.ZERO);
    }
  }

  @Test
  void lenientReader_overtaken_isServedAndCounted(@TempDir Path dir) throws Exception {
    MemoryStore memory = new MemoryStore();
    try (PumpUnderTest pump =
        PumpUnderTest.start(
            cluster, dir, (d, s, t, c, o, k) -> memory, "-fake-binlog-interval=60")) {
      Tso end = overtake(pump, memory, PullHeaders.lenient());
      assertThat(end).isEqualTo(memory.maxCommitTs());
      assertThat(pump.get("/metrics").body())
          .contains("binlog_pump_pull_gap_count{answer=\"served\"} 1");
    }
  }

  /** A reader from the beginning that stops until much is collected; answers where it came to. */
  private Tso overtake(PumpUnderTest pump, MemoryStore memory, Metadata headers) throws Exception {
    AtomicLong last = new AtomicLong();
    CompletableFuture<Status> end = new CompletableFuture<>();
    for (int i = 0; i < 100; i++) {
      pump.transaction("v".repeat(100_000));
    }
    ClientCall<PullBinlogReq, PullBinlogResp> call =
        pump.channel().newCall(PumpGrpc.getPullBinlogsMethod(), CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onMessage(PullBinlogResp message) {
            last.set(message.getEntity().getMeta().getCommitTs());
          }

          @Override
          public void onClose(Status status, Metadata trailers) {
            end.complete(status);
          }
        },
        headers);
    call.request(1);
    call.sendMessage(PullBinlogReq.newBuilder().setClusterID(cluster.clusterId()).build());
    call.halfClose();
    await().until(() -> last.get() > 0);
    Tso mark = pump.transaction("1");
    pump.transaction("2");
    await().until(() -> memory.collectGarbage(mark, () -> mark) == GcOutcome.DONE);
    call.request(1000);
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> end.isDone() || last.get() == memory.maxCommitTs().value());
    if (end.isDone()) {
      return Tso.ZERO;
    }
    call.cancel("enough", null);
    return new Tso(last.get());
  }
}
