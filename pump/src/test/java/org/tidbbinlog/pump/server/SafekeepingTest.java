package org.tidbbinlog.pump.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.MetadataUtils;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.pull.PullHeaders;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.pump.storage.ScrubPace;
import org.tidbbinlog.pump.storage.SegmentInfo;
import org.tidbbinlog.testkit.ClusterDouble;

/** What a Pump says about what it keeps: gaps, retention, scrubbing, proof. */
@Timeout(90)
final class SafekeepingTest {
  private final ClusterDouble cluster = ClusterDouble.start();

  @AfterEach
  void stopCluster() {
    cluster.close();
  }

  private static JsonNode status(PumpUnderTest pump) throws Exception {
    return new ObjectMapper().readTree(pump.get("/status").body()).get("Pump");
  }

  /** Three transactions, the second of which is the mark of garbage collection. */
  private record Collected(Tso first, Tso second, Tso third) {
    static Collected in(PumpUnderTest pump) {
      Tso first = pump.transaction("1");
      Tso second = pump.transaction("2");
      Tso third = pump.transaction("3");
      await().until(() -> !pump.node().store().maxCommitTs().isBefore(third));
      pump.node().store().collectGarbage(second, () -> second);
      return new Collected(first, second, third);
    }
  }

  private Puller pull(PumpUnderTest pump, Metadata headers, Tso from) {
    return Puller.start(
        ClientInterceptors.intercept(
            pump.channel(), MetadataUtils.newAttachHeadersInterceptor(headers)),
        cluster.clusterId(),
        from.value());
  }

  @Test
  void readerWithoutHeader_isRefusedAtAGap_byDefault(@TempDir Path dir) throws Exception {
    try (PumpUnderTest pump = PumpUnderTest.start(cluster, dir)) {
      Collected data = Collected.in(pump);
      Status end = pull(pump, new Metadata(), data.first()).awaitEnd();
      assertThat(end.getCode()).isEqualTo(Status.Code.OUT_OF_RANGE);
      assertThat(end.getDescription()).contains(data.first().toString(), data.second().toString());

      JsonNode gaps = status(pump).get("gaps");
      assertThat(gaps.get("refused").asLong()).isOne();
      assertThat(gaps.get("served").asLong()).isZero();
      assertThat(gaps.get("last").get("fromTS").asLong()).isEqualTo(data.first().value());
      assertThat(gaps.get("last").get("toTS").asLong()).isEqualTo(data.second().value());
      assertThat(pump.get("/metrics").body())
          .contains("binlog_pump_pull_gap_count{answer=\"refused\"} 1");
    }
  }

  @Test
  void readerWithoutHeader_isServedAndCounted_whenConfigured(@TempDir Path dir) throws Exception {
    Path config = Files.writeString(dir.resolve("pump.toml"), "serve-gaps = true\n");
    try (PumpUnderTest pump =
        PumpUnderTest.start(cluster, dir.resolve("data"), "-config=" + config)) {
      Collected data = Collected.in(pump);
      Puller lenient = pump.pull(data.first().value());
      lenient.awaitPast(data.third().value());
      assertThat(status(pump).get("gaps").get("served").asLong()).isOne();
      assertThat(pump.get("/metrics").body())
          .contains("binlog_pump_pull_gap_count{answer=\"served\"} 1");

      Status strict = pull(pump, PullHeaders.strict(), data.first()).awaitEnd();
      assertThat(strict.getCode()).isEqualTo(Status.Code.OUT_OF_RANGE);
    }
  }

  @Test
  void readerThatAcceptsGaps_isServed_andAStartFromNothingIsNoGap(@TempDir Path dir)
      throws Exception {
    try (PumpUnderTest pump = PumpUnderTest.start(cluster, dir)) {
      Collected data = Collected.in(pump);
      pull(pump, PullHeaders.lenient(), data.first()).awaitPast(data.third().value());
      pump.pull(0).awaitPast(data.third().value());
      assertThat(status(pump).get("gaps").get("served").asLong()).isOne();
      assertThat(status(pump).get("gaps").get("refused").asLong()).isZero();
    }
  }

  @Test
  void status_saysWhoHoldsWhat_andWhenTheDiskIsFull(@TempDir Path dir) throws Exception {
    MemoryStore memory = new MemoryStore();
    Tso old = Tso.at(Clock.system().now().minus(Duration.ofDays(9)));
    memory.segments(List.of(new SegmentInfo(0, "value/000000.vlog", 500, old, old, true)));
    memory.reach(Tso.at(Clock.system().now()));
    try (DrainerDouble drainer = DrainerDouble.start(cluster)) {
      Tso checkpoint = Tso.at(Clock.system().now().minus(Duration.ofDays(30)));
      drainer.register(NodeState.PAUSED, checkpoint);
      try (PumpUnderTest pump = PumpUnderTest.start(cluster, dir, (d, s, t, c, o, k) -> memory)) {
        JsonNode retention = status(pump).get("retention");
        assertThat(retention.get("heldBack").asBoolean()).isTrue();
        assertThat(retention.get("heldBy").asText()).isEqualTo("drainer-1");
        assertThat(retention.get("targetTS").asLong()).isEqualTo(checkpoint.value());
        assertThat(retention.get("storedBytes").asLong()).isEqualTo(500);
        JsonNode holder = retention.get("drainers").get(0);
        assertThat(holder.get("state").asText()).isEqualTo("paused");
        assertThat(holder.get("heldBytes").asLong()).isEqualTo(500);
        assertThat(retention.has("fullInSeconds")).isTrue();
        assertThat(retention.get("availableBytes").asLong()).isPositive();
      }
    }
  }

  @Test
  void status_namesTheRegistryKeyThatCannotBeRead(@TempDir Path dir) throws Exception {
    MemoryStore memory = new MemoryStore();
    memory.reach(Tso.at(Clock.system().now()));
    cluster.pd().etcd().put("/tidb-binlog/v1/drainers/broken", "{\"nodeId\": 7}");
    try (PumpUnderTest pump = PumpUnderTest.start(cluster, dir, (d, s, t, c, o, k) -> memory)) {
      JsonNode retention = status(pump).get("retention");
      assertThat(retention.get("targetTS").asLong()).isZero();
      assertThat(retention.get("heldBy").asText()).isEqualTo("/tidb-binlog/v1/drainers/broken");
      JsonNode holder = retention.get("drainers").get(0);
      assertThat(holder.get("nodeId").asText()).isEqualTo("/tidb-binlog/v1/drainers/broken");
      assertThat(holder.get("state").asText()).isEqualTo("unreadable");
    }
  }

  @Test
  void status_tellsOfScrubbingAndProof(@TempDir Path dir) throws Exception {
    try (PumpUnderTest pump = PumpUnderTest.start(cluster, dir)) {
      pump.transaction("1");
      JsonNode status = status(pump);
      assertThat(status.get("scrub").get("on").asBoolean()).isTrue();
      assertThat(status.get("scrub").get("lastPass").asText()).isEqualTo("never");
      assertThat(status.get("scrub").get("damaged").asLong()).isZero();
      assertThat(status.get("proof").has("chain")).isTrue();
      assertThat(pump.get("/metrics").body())
          .contains("binlog_pump_storage_damaged_places 0")
          .contains("binlog_pump_storage_seconds_until_full");
    }
  }

  @Test
  void scrubbing_keepsItsPace_andComesAgainAfterTheInterval() throws Exception {
    List<Duration> slept = new ArrayList<>();
    GarbageScheduleTest.FixedClock clock =
        new GarbageScheduleTest.FixedClock() {
          @Override
          public void sleep(Duration duration) {
            slept.add(duration);
          }
        };
    List<Long> passes = new ArrayList<>();
    MemoryStore store = new MemoryStore();
    store.onScrub(
        pace -> {
          passes.add(1L);
          pace.read(2_000_000);
          pace.read(1_000_000);
        });
    ScrubSchedule schedule = new ScrubSchedule(store, clock, Duration.ofHours(24), 1_000_000);
    schedule.maybeScrub();
    schedule.maybeScrub();
    assertThat(passes).hasSize(1);
    assertThat(slept).containsExactly(Duration.ofSeconds(2), Duration.ofSeconds(3));
    clock.nanos += Duration.ofHours(25).toNanos();
    schedule.maybeScrub();
    assertThat(passes).hasSize(2);
  }

  @Test
  void moreThanTheBoundOnSize_isCollected_andTheForecastHasATime(@TempDir Path dir)
      throws Exception {
    MemoryStore memory = new MemoryStore();
    Path config = Files.writeString(dir.resolve("pump.toml"), "gc-size = \"1000\"\n");
    try (PumpUnderTest pump =
        PumpUnderTest.start(
            cluster,
            dir.resolve("data"),
            (d, s, t, c, o, k) -> memory,
            "-config=" + config,
            "-gc=7")) {
      assertThat(status(pump).get("retention").get("fullInSeconds").isNull()).isTrue();
      Tso first = pump.transaction("1");
      Tso last = pump.transaction("2");
      Tso old = Tso.at(first.instant().minus(Duration.ofMinutes(20)));
      SegmentInfo oldest = new SegmentInfo(0, "value/000000.vlog", 600, old, old, true);
      memory.segments(
          List.of(oldest, new SegmentInfo(1, "value/000001.vlog", 600, last, last, false)));
      await().atMost(Duration.ofSeconds(40)).until(() -> !memory.gcTs().isBefore(oldest.goesAt()));
      assertThat(status(pump).get("retention").get("fullInSeconds").asLong()).isPositive();
    }
  }

  @Test
  void scrubbing_runsByItself(@TempDir Path dir) throws Exception {
    MemoryStore memory = new MemoryStore();
    AtomicInteger passes = new AtomicInteger();
    memory.onScrub(pace -> passes.incrementAndGet());
    Path config =
        Files.writeString(dir.resolve("pump.toml"), "[storage]\nscrub-interval = \"1s\"\n");
    try (PumpUnderTest pump =
        PumpUnderTest.start(
            cluster, dir.resolve("data"), (d, s, t, c, o, k) -> memory, "-config=" + config)) {
      await().atMost(Duration.ofSeconds(30)).until(() -> passes.get() >= 2);
      assertThat(status(pump).get("scrub").get("on").asBoolean()).isTrue();
    }
  }

  @Test
  void damageOnDisk_isInTheStatus_andEndsPullsWithDataLoss(@TempDir Path dir) throws Exception {
    try (PumpUnderTest pump = PumpUnderTest.start(cluster, dir)) {
      for (int i = 0; i < 8; i++) {
        Tso ts = pump.transaction("v".repeat(10_000));
        await().until(() -> !pump.node().store().maxCommitTs().isBefore(ts));
      }
    }
    Path segment = dir.resolve("value/000000.vlog");
    byte[] bytes = Files.readAllBytes(segment);
    bytes[30_000] ^= 1;
    Files.write(segment, bytes);
    try (PumpUnderTest pump = PumpUnderTest.start(cluster, dir)) {
      pump.node().store().scrub(ScrubPace.UNLIMITED);
      JsonNode scrub = status(pump).get("scrub");
      assertThat(scrub.get("damaged").asLong()).isPositive();
      JsonNode damage = scrub.get("damages").get(0);
      assertThat(damage.get("file").asText()).isEqualTo("value/000000.vlog");
      assertThat(damage.get("offset").asLong()).isLessThanOrEqualTo(30_000);
      assertThat(damage.get("what").asText()).contains("CRC");
      assertThat(pump.get("/metrics").body())
          .doesNotContain("binlog_pump_storage_damaged_places 0");

      Puller puller = pump.pull(0);
      Status end = puller.awaitEnd();
      assertThat(end.getCode()).isEqualTo(Status.Code.DATA_LOSS);
      assertThat(end.getDescription()).contains("value/000000.vlog");
      assertThat(puller.transactions()).as("those before the damage").hasSizeBetween(1, 4);
    }
  }
}
