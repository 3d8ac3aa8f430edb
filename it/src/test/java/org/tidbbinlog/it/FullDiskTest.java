package org.tidbbinlog.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.node.net.Channels;
import org.tidbbinlog.node.net.Tls;
import org.tidbbinlog.testkit.ClusterDouble;
import org.tidbbinlog.testkit.process.ChildJvm;
import org.tidbbinlog.wire.pump.PumpGrpc;
import org.tidbbinlog.wire.pump.WriteBinlogReq;

/** A Pump on a small file system of its own that fills up. Needs the right to mount. */
@Timeout(180)
class FullDiskTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String VALUE = "v".repeat(200_000);

  @TempDir Path dir;
  private final ClusterDouble cluster = ClusterDouble.start();
  private final List<Tso> acknowledged = new ArrayList<>();

  @BeforeEach
  void mount() throws Exception {
    Files.createDirectory(dir.resolve("disk"));
    Process mount =
        new ProcessBuilder(
                "mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", dir.resolve("disk").toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(mount.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assumeTrue(mount.waitFor() == 0, "a tmpfs cannot be mounted here: " + said);
    Files.write(dir.resolve("disk/filler"), new byte[6 << 20]);
  }

  @AfterEach
  void unmount() throws Exception {
    cluster.close();
    new ProcessBuilder("umount", "-l", dir.resolve("disk").toString()).start().waitFor();
  }

  @Test
  void fullDisk_refusesWrites_keepsWhatItAcknowledged_andRecovers() throws Exception {
    try (ChildJvm pump = start("one.log")) {
      int port = port(pump);
      Status refusal = writeUntilRefused(port);
      assertThat(refusal.getCode()).isEqualTo(Status.Code.UNKNOWN);
      assertThat(refusal.getDescription())
          .matches("(?s).*(No space left on device|no available space, available: ).*");
      await().atMost(LIMIT).until(() -> get(port, "/status").contains("\"spaceLow\":true"));
      assertThat(write(port).getDescription())
          .matches("no available space, available: \\d+, StopWriteAtAvailableSpace: 1048576");
      assertThat(pump.isAlive()).isTrue();
      assertAllKept(port);

      Files.delete(dir.resolve("disk/filler"));
      await().atMost(LIMIT).until(() -> write(port).isOk());
      assertThat(get(port, "/status")).contains("\"spaceLow\":false");
      assertAllKept(port);
      pump.kill9();
    }
    try (ChildJvm again = start("two.log")) {
      int port = port(again);
      assertAllKept(port);
      assertThat(write(port).isOk()).isTrue();
      assertThat(again.stop(LIMIT)).as(again.output()).isZero();
    }
  }

  private ChildJvm start(String log) throws IOException {
    Path config =
        Files.writeString(
            dir.resolve("pump.toml"), "[storage]\nstop-write-at-available-space = \"1 MiB\"\n");
    return ChildJvm.of("org.tidbbinlog.playground.Launcher", dir.resolve(log))
        .jvm("-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
        .args(
            "pump",
            "-config=" + config,
            "-node-id=full",
            "-addr=127.0.0.1:0",
            "-data-dir=" + dir.resolve("disk/data"),
            "-pd-urls=" + String.join(",", cluster.pdUrls()))
        .start();
  }

  private static int port(ChildJvm pump) throws InterruptedException {
    return Integer.parseInt(pump.awaitLine("pump is online.*\\[port=(\\d+)]", LIMIT).group(1));
  }

  private Status writeUntilRefused(int port) {
    Status status = Status.OK;
    for (int i = 0; i < 200 && status.isOk(); i++) {
      status = write(port);
    }
    assertThat(acknowledged).as("written before the disk was full").hasSizeGreaterThan(10);
    return status;
  }

  private Status write(int port) {
    Tso startTs = cluster.pd().nextTso();
    Binlog prewrite = Binlog.prewrite(startTs, Payload.ofUtf8("k"), Payload.ofUtf8(VALUE));
    ManagedChannel channel = Channels.open("127.0.0.1:" + port, Tls.plaintext());
    try {
      PumpGrpc.newBlockingStub(channel)
          .withDeadlineAfter(20, TimeUnit.SECONDS)
          .writeBinlog(
              WriteBinlogReq.newBuilder()
                  .setClusterID(cluster.clusterId())
                  .setPayload(ByteString.copyFrom(prewrite.encode()))
                  .build());
      acknowledged.add(startTs);
      return Status.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus();
    } finally {
      channel.shutdownNow();
    }
  }

  private void assertAllKept(int port) throws Exception {
    for (Tso startTs : acknowledged) {
      assertThat(get(port, "/debug/binlog/" + startTs.value()))
          .as("prewrite %s", startTs)
          .startsWith("tp:Prewrite start_ts:" + startTs.value());
    }
  }

  private static String get(int port, String path) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(Duration.ofSeconds(20))
            .build();
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();
  }
}
