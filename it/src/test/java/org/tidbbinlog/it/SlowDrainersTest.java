package org.tidbbinlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.node.net.Channels;
import org.tidbbinlog.node.net.Tls;
import org.tidbbinlog.testkit.ClusterDouble;
import org.tidbbinlog.testkit.process.ChildJvm;
import org.tidbbinlog.wire.pump.PullBinlogReq;
import org.tidbbinlog.wire.pump.PumpGrpc;
import org.tidbbinlog.wire.pump.WriteBinlogReq;

/**
 * Several Drainers that do not read pull one large transaction from a Pump whose direct memory
 * holds it only once or twice (I10).
 */
@Timeout(value = 600, unit = TimeUnit.SECONDS)
class SlowDrainersTest {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final int DRAINERS = 4;
  private static final int MIB = 1 << 20;

  @TempDir Path dir;
  private final ClusterDouble cluster = ClusterDouble.start();

  @AfterEach
  void stopCluster() {
    cluster.close();
  }

  @ParameterizedTest
  @CsvSource({"64, 192, 1"})
  void drainersThatDoNotRead_doNotFillThePump(int mebibytes, int direct, int allowed)
      throws Exception {
    pullSlowly(mebibytes, direct, allowed);
  }

  @Tag("soak")
  @ParameterizedTest
  @CsvSource({
    "256, 320, 1",
    "192, 4096, 4"
  }) // reception of 256 MiB takes less than 1.25 times as much
  void drainersThatDoNotRead_doNotFillThePump_large(int mebibytes, int direct, int allowed)
      throws Exception {
    pullSlowly(mebibytes, direct, allowed);
  }

  private void pullSlowly(int mebibytes, int directMebibytes, int allowed) throws Exception {
    List<Puller> drainers = new ArrayList<>();
    try (ChildJvm pump = startPump(directMebibytes)) {
      int port =
          Integer.parseInt(pump.awaitLine("pump is online.*\\[port=(\\d+)]", LIMIT).group(1));
      Tso large = writeLarge(port, mebibytes);
      for (int i = 0; i < DRAINERS; i++) {
        drainers.add(Puller.open(port, cluster.clusterId()));
      }
      for (int i = 0; i < 10; i++) {
        Tso startTs = cluster.pd().nextTso();
        Binlog small = Binlog.prewrite(startTs, Payload.ofUtf8("k"), Payload.ofUtf8("small"));
        write(port, small);
        write(port, Binlog.commitOf(small, cluster.pd().nextTso()));
        Thread.sleep(200);
      }
      assertThat(pump.isAlive()).isTrue();
      assertThat(pump.output().lines().filter(line -> line.contains("pull stream waits:")))
          .as("%s of them fit", allowed)
          .hasSize(DRAINERS - allowed);
      if (allowed < DRAINERS) {
        drainers.forEach(Puller::read); // as the Pump's budget lets them
      }
      for (Puller drainer : drainers) {
        drainer.read(); // at most one of those that all fit is in this JVM
        assertThat(drainer.large.get(LIMIT.toSeconds(), TimeUnit.SECONDS))
            .as("bytes with transaction %s", large)
            .isGreaterThan((long) mebibytes * MIB);
      }
      assertThat(pump.isAlive()).isTrue();
      assertThat(pump.output()).doesNotContain("no memory to send", "OutOfMemory");
      drainers.forEach(Puller::close);
      assertThat(pump.stop(LIMIT)).as(pump.output()).isZero();
    } finally {
      drainers.forEach(Puller::close);
    }
  }

  private ChildJvm startPump(int directMebibytes) throws IOException {
    return ChildJvm.of("org.tidbbinlog.playground.Launcher", dir.resolve("pump.log"))
        .jvm(
            "-Xmx512m",
            "-XX:MaxDirectMemorySize=" + directMebibytes + "m",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC")
        .args(
            "pump",
            "-node-id=slow",
            "-addr=127.0.0.1:0",
            "-data-dir=" + dir.resolve("pump"),
            "-pd-urls=" + String.join(",", cluster.pdUrls()))
        .start();
  }

  private Tso writeLarge(int port, int mebibytes) throws Exception {
    Tso startTs = cluster.pd().nextTso();
    cluster
        .tikv()
        .lockTransaction(startTs, LargeTransaction.primaryKey().toBytes(), Duration.ofHours(1));
    try (ChildJvm writer =
        ChildJvm.of(LargeTransaction.class.getName(), dir.resolve("writer.log"))
            .jvm("-Xmx4g", "-XX:MaxDirectMemorySize=2g")
            .args(
                cluster.pdUrls().get(0),
                startTs.toString(),
                Integer.toString(mebibytes),
                Integer.toString(MIB))
            .start()) {
      assertThat(writer.awaitExit(LIMIT)).as(writer.output()).isZero();
    }
    Tso commitTs = cluster.pd().nextTso();
    write(
        port,
        Binlog.commitOf(
            Binlog.prewrite(startTs, LargeTransaction.primaryKey(), Payload.EMPTY), commitTs));
    return commitTs;
  }

  private void write(int port, Binlog binlog) {
    ManagedChannel channel = Channels.open("127.0.0.1:" + port, Tls.plaintext());
    try {
      var unused =
          PumpGrpc.newBlockingStub(channel)
              .withDeadlineAfter(20, TimeUnit.SECONDS)
              .writeBinlog(
                  WriteBinlogReq.newBuilder()
                      .setClusterID(cluster.clusterId())
                      .setPayload(ByteString.copyFrom(binlog.encode()))
                      .build());
    } finally {
      channel.shutdownNow();
    }
  }

  /** A Drainer that reads nothing before it is told to, and then counts bytes only. */
  private static final class Puller extends ClientCall.Listener<Long> {
    private final CompletableFuture<Long> large = new CompletableFuture<>();
    private final ManagedChannel channel;
    private final ClientCall<PullBinlogReq, Long> call;
    private boolean reads;

    private Puller(int port) {
      channel = Channels.open("127.0.0.1:" + port, Tls.plaintext());
      MethodDescriptor<PullBinlogReq, Long> method =
          PumpGrpc.getPullBinlogsMethod().toBuilder(
                  PumpGrpc.getPullBinlogsMethod().getRequestMarshaller(), new Counting())
              .build();
      call = channel.newCall(method, CallOptions.DEFAULT);
    }

    static Puller open(int port, long clusterId) {
      Puller puller = new Puller(port);
      puller.call.start(puller, new Metadata());
      puller.call.sendMessage(PullBinlogReq.newBuilder().setClusterID(clusterId).build());
      puller.call.halfClose();
      return puller;
    }

    void read() {
      if (!reads) {
        reads = true;
        call.request(1);
      }
    }

    @Override
    public void onMessage(Long bytes) {
      if (bytes > MIB) {
        large.complete(bytes);
      }
      call.request(1);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      large.completeExceptionally(status.asRuntimeException());
    }

    void close() {
      channel.shutdownNow();
    }
  }

  private static final class Counting implements MethodDescriptor.Marshaller<Long> {
    @Override
    public InputStream stream(Long value) {
      throw new UnsupportedOperationException("nothing is sent");
    }

    @Override
    public Long parse(InputStream message) {
      byte[] step = new byte[1 << 16];
      long bytes = 0;
      try {
        for (int got = message.read(step); got >= 0; got = message.read(step)) {
          bytes += got;
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return bytes;
    }
  }
}
