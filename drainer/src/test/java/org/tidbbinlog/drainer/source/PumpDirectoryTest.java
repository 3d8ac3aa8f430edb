package org.tidbbinlog.drainer.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.pull.PullGap;
import org.tidbbinlog.cluster.pull.PullHeaders;
import org.tidbbinlog.cluster.registry.NodeKind;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.drainer.FakePump;
import org.tidbbinlog.drainer.FakeRegistry;
import org.tidbbinlog.drainer.merge.Merger;
import org.tidbbinlog.node.net.Channels;
import org.tidbbinlog.node.net.Tls;

/** Pulling from Pumps over real sockets. */
@Timeout(60)
class PumpDirectoryTest {
  private static final long CLUSTER = 42;

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path folder;

  private final Clock clock = Clock.system();
  private final FakeRegistry registry = new FakeRegistry();
  private final Merger<PulledBinlog> merger = new Merger<>(Tso.ZERO, clock);
  private final List<FakePump> pumps = new ArrayList<>();
  private final List<PumpDirectory> directories = new ArrayList<>();

  @AfterEach
  void closeAll() {
    directories.forEach(PumpDirectory::close);
    pumps.forEach(FakePump::close);
  }

  @Test
  void binlogs_of_three_pumps_come_out_in_order() throws Exception {
    FakePump a = pump("a");
    FakePump b = pump("b");
    FakePump c = pump("c");
    open(settings(CLUSTER, SourceSettings.Compression.NONE));
    for (int ts = 10; ts < 4000; ts += 3) {
      a.add(binlog(ts, "a"));
      b.add(binlog(ts + 1, "b"));
      c.add(binlog(ts + 2, "c"));
    }
    List.of(a, b, c).forEach(pump -> pump.fake(5000));
    List<Long> seen = take(3990);
    assertThat(seen).isSorted().doesNotHaveDuplicates().startsWith(10L, 11L, 12L);
  }

  @Test
  void gzip_streams_carry_the_same_binlogs() throws Exception {
    FakePump a = pump("a");
    open(settings(CLUSTER, SourceSettings.Compression.GZIP));
    a.add(binlog(5, "x".repeat(100_000)));
    a.add(binlog(6, "y"));
    assertThat(take(2)).containsExactly(5L, 6L);
  }

  @Test
  void broken_stream_goes_on_after_the_last_binlog_received() throws Exception {
    FakePump a = pump("a");
    open(settings(CLUSTER, SourceSettings.Compression.NONE));
    a.add(binlog(5, "x"));
    assertThat(take(1)).containsExactly(5L);
    a.breakPulls();
    a.add(binlog(6, "y"));
    assertThat(take(1)).containsExactly(6L);
    assertThat(a.offsets()).startsWith(0L).endsWith(5L);
  }

  @Test
  void silent_connection_is_given_up_and_dialled_again() throws Exception {
    FakePump a = pump("a");
    a.mode(FakePump.Mode.MUTE);
    a.add(binlog(5, "x"));
    open(settings(CLUSTER, SourceSettings.Compression.NONE));
    await().until(() -> a.offsets().size() > 1);
    a.mode(FakePump.Mode.SERVE);
    assertThat(take(1)).containsExactly(5L);
  }

  @Test
  void pump_that_moved_is_followed_to_its_new_address() throws Exception {
    FakePump a = pump("a");
    open(settings(CLUSTER, SourceSettings.Compression.NONE));
    a.add(binlog(5, "x"));
    assertThat(take(1)).containsExactly(5L);
    a.moveToAnotherPort();
    registry.put(a.status(NodeState.ONLINE));
    a.add(binlog(6, "y"));
    assertThat(take(1)).containsExactly(6L);
  }

  @Test
  @DisplayName("drainer fact 10: a paused pump stops the output, an offline one does not")
  void paused_pump_holds_the_output_and_offline_pump_leaves_it() throws Exception {
    FakePump a = pump("a");
    FakePump b = pump("b");
    open(settings(CLUSTER, SourceSettings.Compression.NONE));
    a.add(binlog(5, "x"));
    b.fake(6);
    assertThat(take(1)).containsExactly(5L);
    registry.updateState(NodeKind.PUMP, "b", NodeState.PAUSED);
    b.breakPulls();
    a.add(binlog(10, "x"));
    assertThat(takeFor(Duration.ofMillis(600))).doesNotContain(10L);
    b.fake(11);
    registry.updateState(NodeKind.PUMP, "b", NodeState.ONLINE);
    assertThat(take(1)).contains(10L);
    registry.updateState(NodeKind.PUMP, "b", NodeState.OFFLINE);
    a.add(binlog(20, "x"));
    assertThat(take(1)).contains(20L);
  }

  @Test
  void pump_that_joins_while_running_becomes_part_of_the_merge() throws Exception {
    FakePump a = pump("a");
    PumpDirectory directory = open(settings(CLUSTER, SourceSettings.Compression.NONE));
    a.add(binlog(5, "x"));
    assertThat(take(1)).containsExactly(5L);
    FakePump late = FakePump.start("late", CLUSTER);
    pumps.add(late);
    registry.put(late.status(NodeState.ONLINE));
    directory.refresh();
    a.add(binlog(10, "x"));
    assertThat(takeFor(Duration.ofMillis(300))).isEmpty();
    late.add(binlog(8, "l"));
    late.fake(12);
    assertThat(take(2)).containsExactly(8L, 10L);
  }

  @Test
  void pump_that_joins_with_transactions_older_than_the_output_is_an_error() throws Exception {
    FakePump a = pump("a");
    open(settings(CLUSTER, SourceSettings.Compression.NONE));
    a.add(binlog(5, "x"));
    a.add(binlog(10, "x"));
    assertThat(take(2)).containsExactly(5L, 10L);
    FakePump late = FakePump.start("late", CLUSTER);
    pumps.add(late);
    late.add(binlog(7, "lost"));
    late.fake(20);
    a.fake(21);
    registry.put(late.status(NodeState.ONLINE));
    assertThatThrownBy(() -> take(1))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("pump late")
        .hasMessageContaining("commit ts 7");
  }

  @Test
  @DisplayName("pump-protocol fact 2: a wrong cluster id ends the pull with the pump's words")
  void pump_of_another_cluster_stops_the_drainer() {
    pump("a");
    open(settings(CLUSTER + 1, SourceSettings.Compression.NONE));
    assertThatThrownBy(() -> take(1))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("belongs to another cluster")
        .hasMessageContaining("cluster ID are mismatch, 43 vs 42");
  }

  @Test
  void pump_that_collected_what_is_needed_stops_the_drainer_with_both_ends_and_ways_out() {
    Tso from = Tso.of(1_700_000_000_000L, 0);
    Tso to = Tso.of(1_700_000_600_000L, 0);
    pump("a").collected(new PullGap(from, to));
    open(settings(CLUSTER, SourceSettings.Compression.NONE));
    assertThatThrownBy(() -> take(1))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("pump a")
        .hasMessageContaining(from.toString())
        .hasMessageContaining(to.toString())
        .hasMessageContaining("2023-11-14T22:23:20Z")
        .hasMessageContaining("-initial-commit-ts=" + to);
  }

  @Test
  void pump_that_joins_late_may_have_collected_what_was_before_it() throws Exception {
    FakePump a = pump("a");
    PumpDirectory directory = open(settings(CLUSTER, SourceSettings.Compression.NONE));
    a.add(binlog(5, "x"));
    assertThat(take(1)).containsExactly(5L);
    assertThat(a.gapHeader()).isEqualTo(PullHeaders.REFUSE);
    FakePump late = FakePump.start("late", CLUSTER);
    pumps.add(late);
    late.collected(new PullGap(new Tso(5), new Tso(6)));
    registry.put(late.status(NodeState.ONLINE));
    directory.refresh();
    late.add(binlog(8, "l"));
    a.fake(12);
    assertThat(take(1)).containsExactly(8L);
    assertThat(late.gapHeader()).isEqualTo(PullHeaders.ACCEPT);
  }

  @Test
  void large_payload_is_mapped_from_a_file_that_leaves_no_trace() throws Exception {
    FakePump a = pump("a");
    open(settings(CLUSTER, SourceSettings.Compression.NONE));
    byte[] big = new byte[5 << 20];
    Arrays.fill(big, (byte) 7);
    Binlog binlog =
        Binlog.prewrite(new Tso(4), Payload.EMPTY, Payload.of(big))
            .withCommit(
                Binlog.commitOf(
                    Binlog.prewrite(new Tso(4), Payload.EMPTY, Payload.EMPTY), new Tso(5)));
    a.add(binlog);
    List<PulledBinlog> taken = merger.take(1, Duration.ofSeconds(20));
    assertThat(taken).hasSize(1);
    assertThat(taken.get(0).payload().isMapped()).isTrue();
    byte[] read = taken.get(0).payload().read(Payload::toBytes);
    assertThat(read).isEqualTo(binlog.encode());
    try (Stream<Path> left = Files.list(folder.resolve("spill"))) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void unreadable_binlog_without_timestamps_stops_with_a_way_past_it() throws Exception {
    FakePump pump = pump("p");
    open(settings(CLUSTER, SourceSettings.Compression.NONE));
    pump.add(binlog(10, "good"));
    assertThat(take(1)).containsExactly(10L);
    pump.addNameless(11, new byte[] {1, 2, 3});
    assertThatThrownBy(() -> takeFor(Duration.ofSeconds(20)))
        .hasMessageContaining("pump p sent a binlog after commit ts 10")
        .hasMessageContaining("-initial-commit-ts=T");
  }

  private FakePump pump(String nodeId) {
    FakePump pump = FakePump.start(nodeId, CLUSTER);
    pumps.add(pump);
    registry.put(pump.status(NodeState.ONLINE));
    return pump;
  }

  private SourceSettings settings(long clusterId, SourceSettings.Compression compression) {
    return new SourceSettings(
        clusterId,
        compression,
        1 << 20,
        16,
        Duration.ofMillis(50),
        Duration.ofMillis(800),
        new SpillFolder(folder.resolve("spill"), 1 << 20));
  }

  private PumpDirectory open(SourceSettings settings) {
    PumpDirectory directory =
        new PumpDirectory(
            registry,
            merger,
            host -> Channels.open(host, Tls.plaintext()),
            settings,
            Tso.ZERO,
            Duration.ofSeconds(1),
            clock,
            binlog -> {});
    directories.add(directory);
    directory.open();
    return directory;
  }

  private static Binlog binlog(long commitTs, String value) {
    Binlog prewrite = Binlog.prewrite(new Tso(commitTs - 1), Payload.EMPTY, Payload.ofUtf8(value));
    return prewrite.withCommit(Binlog.commitOf(prewrite, new Tso(commitTs)));
  }

  private List<Long> take(int count) throws InterruptedException {
    List<Long> seen = new ArrayList<>();
    while (seen.size() < count) {
      seen.addAll(real(merger.take(1000, Duration.ofSeconds(1))));
    }
    return seen;
  }

  private List<Long> takeFor(Duration time) throws InterruptedException {
    List<Long> seen = new ArrayList<>();
    long end = clock.nanoTime() + time.toNanos();
    while (clock.nanoTime() < end) {
      seen.addAll(real(merger.take(1000, Duration.ofMillis(50))));
    }
    return seen;
  }

  private static List<Long> real(List<PulledBinlog> binlogs) {
    return binlogs.stream()
        .filter(binlog -> !binlog.isFake())
        .map(binlog -> binlog.commitTs().value())
        .toList();
  }
}
