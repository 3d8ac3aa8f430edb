package org.tidbbinlog.pump.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.event.Level;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.node.metrics.Metrics;
import org.tidbbinlog.pump.storage.DiskSpace;
import org.tidbbinlog.wire.pump.WriteBinlogReq;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class PayloadSpillTest {
  private static final int LARGE = PayloadSpill.THRESHOLD_BYTES + 1000;
  private static final long STOP_AT = 100L << 20;
  private final Path folder;
  private final PayloadSpill spill;
  private final MemoryStore store = new MemoryStore();
  private final PumpState state = new PumpState();

  PayloadSpillTest(@TempDir Path temp) {
    folder = temp.resolve("spill");
    spill = new PayloadSpill(folder);
  }

  @Test
  void largePayload_isMappedUntilItIsFreed() throws IOException {
    WriteRequest request =
        spill.read(new ByteArrayInputStream(large()), Long.MAX_VALUE, (cluster, bytes) -> {});
    WriteRequest.Read read = (WriteRequest.Read) request;
    assertThat(read.payload().isDirect()).isTrue();
    assertThat(read.payload().remaining()).isEqualTo(LARGE);
    assertThat(read.payload().get(LARGE - 1)).isEqualTo((byte) 7);
    assertThat(mappings()).contains(folder.toString());
    read.free().run();
    read.free().run();
    assertThat(mappings()).doesNotContain(folder.toString());
  }

  @Test
  void messageThatBreaksBehindItsPayload_leavesNothingMapped() {
    byte[] whole = large();
    InputStream broken =
        new SequenceInputStream(
            new ByteArrayInputStream(whole), new ByteArrayInputStream(new byte[] {0x1a, 0x7f}));
    assertThatThrownBy(() -> spill.read(broken, Long.MAX_VALUE, (cluster, bytes) -> {}))
        .isInstanceOf(IOException.class);
    assertThat(mappings()).doesNotContain(folder.toString());
  }

  @Test
  void largePayload_whenSpaceIsLow_isRefusedBeforeItIsRead() {
    state.tryMove(NodeState.ONLINE, "test");
    requireRefused(gate(STOP_AT - 1), 42, "no available space");
    requireRefused(gate(STOP_AT + LARGE), 42, "bytes of the binlog: " + LARGE);
  }

  @Test
  void largePayload_whenPrewritesAreNotTaken_isRefusedBeforeItIsRead() {
    requireRefused(gate(10 * STOP_AT), 42, "no online");
  }

  @Test
  void largePayload_ofAnotherCluster_isRefusedBeforeItIsRead() {
    state.tryMove(NodeState.ONLINE, "test");
    requireRefused(gate(10 * STOP_AT), 43, "cluster ID are mismatch");
  }

  private void requireRefused(WriteGate gate, long cluster, String text) {
    byte[] head = new byte[600];
    System.arraycopy(large(), 0, head, 0, head.length);
    InputStream noMore =
        new InputStream() {
          @Override
          public int read() {
            throw new AssertionError("the payload was read");
          }

          @Override
          public int read(byte[] target, int offset, int length) {
            return read();
          }
        };
    head[1] = (byte) cluster;
    InputStream message = new SequenceInputStream(new ByteArrayInputStream(head), noMore);
    assertThatThrownBy(() -> spill.read(message, Long.MAX_VALUE, gate))
        .isInstanceOfSatisfying(
            WriteRefusedException.class, e -> assertThat(e.level()).isIn(Level.ERROR, Level.WARN))
        .hasMessageContaining(text);
    assertThat(folder).isEmptyDirectory();
    assertThat(mappings()).doesNotContain(folder.toString());
  }

  private WriteGate gate(long availableBytes) {
    PumpMetrics metrics = new PumpMetrics(new Metrics());
    SpaceWatch space =
        new SpaceWatch(() -> new DiskSpace(1L << 40, availableBytes), STOP_AT, metrics);
    return new WriteGate(
        new ClusterCheck(42), state, space, store, metrics, Clock.system(), spill, Runnable::run);
  }

  private static byte[] large() {
    byte[] payload = new byte[LARGE];
    java.util.Arrays.fill(payload, (byte) 7);
    return WriteBinlogReq.newBuilder()
        .setClusterID(42)
        .setPayload(ByteString.copyFrom(payload))
        .build()
        .toByteArray();
  }

  private static String mappings() {
    try {
      return Files.readString(Path.of("/proc/self/maps"));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
