package org.tidbbinlog.pump.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.registry.NodeKind;
import org.tidbbinlog.cluster.registry.NodeListing;
import org.tidbbinlog.cluster.registry.NodeRegistry;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.cluster.registry.NodeStatus;
import org.tidbbinlog.pump.storage.GcOutcome;
import org.tidbbinlog.pump.storage.SegmentInfo;

final class GarbageScheduleTest {
  private static final Instant NOW = Instant.parse("2026-01-10T00:00:00Z");
  private static final Duration WEEK = Duration.ofDays(7);
  private final FixedRegistry registry = new FixedRegistry();

  private Tso target(Duration hardCap) {
    return new GarbageSchedule(storeAt(NOW), registry, new FixedClock(), WEEK, hardCap, 0).target();
  }

  private static MemoryStore storeAt(Instant newest) {
    MemoryStore store = new MemoryStore();
    store.reach(Tso.at(newest));
    return store;
  }

  private static Tso ago(Duration age) {
    return Tso.at(NOW.minus(age));
  }

  private void drainer(NodeState state, Tso checkpoint) {
    registry.nodes.add(
        new NodeStatus(NodeKind.DRAINER, "d" + state, "h:1", state, checkpoint, checkpoint));
  }

  @Test
  void withoutDrainers_ageAloneCounts() {
    assertThat(target(Duration.ZERO)).isEqualTo(ago(WEEK));
  }

  @Test
  void drainerThatIsAhead_doesNotMatter() {
    drainer(NodeState.ONLINE, ago(Duration.ofHours(1)));
    assertThat(target(Duration.ZERO)).isEqualTo(ago(WEEK));
  }

  @Test
  void drainerThatLags_holdsCollectionBack_alsoWhenPaused() {
    drainer(NodeState.PAUSED, ago(Duration.ofDays(9)));
    assertThat(target(Duration.ZERO)).isEqualTo(ago(Duration.ofDays(9)));
  }

  @Test
  void drainerThatIsOffline_holdsNothing() {
    drainer(NodeState.OFFLINE, ago(Duration.ofDays(9)));
    assertThat(target(Duration.ZERO)).isEqualTo(ago(WEEK));
  }

  @Test
  void hardCap_limitsWhatALaggingDrainerHolds() {
    drainer(NodeState.ONLINE, ago(Duration.ofDays(90)));
    assertThat(target(Duration.ofDays(30))).isEqualTo(ago(Duration.ofDays(30)));
  }

  @Test
  void hardCap_belowKeep_doesNotCollectMore() {
    drainer(NodeState.ONLINE, ago(Duration.ofDays(90)));
    assertThat(target(Duration.ofDays(1))).isEqualTo(ago(WEEK));
  }

  @Test
  void drainerThatComesBackDuringACollection_isHeeded() {
    Tso[] reached = {Tso.ZERO};
    MemoryStore store =
        new MemoryStore() {
          @Override
          public synchronized GcOutcome collectGarbage(Tso upTo, Supplier<Tso> allowed) {
            drainer(NodeState.ONLINE, ago(Duration.ofDays(9)));
            reached[0] = allowed.get();
            return GcOutcome.DONE;
          }
        };
    store.reach(Tso.at(NOW));
    new GarbageSchedule(store, registry, new FixedClock(), WEEK, Duration.ZERO, 0).collect();
    assertThat(reached[0]).isEqualTo(ago(Duration.ofDays(9)));
  }

  @Test
  void keepLongerThanSince1970_collectsNothing() {
    GarbageSchedule century =
        new GarbageSchedule(
            storeAt(NOW), registry, new FixedClock(), Duration.ofDays(36_500), Duration.ZERO, 0);
    assertThat(century.target()).isEqualTo(Tso.ZERO);
    assertThat(century.plan().heldBy()).isEmpty();
    drainer(NodeState.ONLINE, ago(WEEK));
    assertThat(century.target()).isEqualTo(Tso.ZERO);
    assertThat(century.plan().heldBy()).isEmpty();
  }

  @Test
  void clockThatIsAhead_doesNotMakeDataOld() {
    FixedClock ahead = new FixedClock();
    ahead.now = NOW.plus(Duration.ofDays(30));
    GarbageSchedule schedule =
        new GarbageSchedule(storeAt(NOW), registry, ahead, WEEK, Duration.ofDays(8), 0);
    drainer(NodeState.ONLINE, ago(Duration.ofDays(90)));
    assertThat(schedule.plan().byTime()).isEqualTo(ago(WEEK));
    assertThat(schedule.target()).as("also of the hard cap").isEqualTo(ago(Duration.ofDays(8)));
  }

  @Test
  void unreadableDrainer_holdsEverything_untilTheHardCap() {
    registry.unreadable.add("/tidb-binlog/v1/drainers/broken");
    assertThat(target(Duration.ZERO)).isEqualTo(Tso.ZERO);
    assertThat(target(Duration.ofDays(30))).isEqualTo(ago(Duration.ofDays(30)));
  }

  @Test
  void sizeAboveTheBound_isDueOnlyWhileSomethingMayGo() {
    MemoryStore store = storeAt(NOW);
    Tso old = ago(Duration.ofDays(2));
    store.segments(
        List.of(
            new SegmentInfo(0, "value/000000.vlog", 600, old, old, true),
            new SegmentInfo(1, "value/000001.vlog", 600, Tso.at(NOW), Tso.at(NOW), false)));
    GarbageSchedule schedule =
        new GarbageSchedule(store, registry, new FixedClock(), WEEK, Duration.ZERO, 1000);
    assertThat(schedule.isDueBySize()).isTrue();
    drainer(NodeState.PAUSED, ago(WEEK.plusDays(1)));
    store.collectGarbage(ago(WEEK.plusDays(1)), () -> ago(WEEK.plusDays(1)));
    assertThat(schedule.isDueBySize()).as("a Drainer holds it").isFalse();
  }

  @Test
  void scrubbing_goesByTheTimeThatPassed_notByTheDate() throws InterruptedException {
    AtomicInteger passes = new AtomicInteger();
    MemoryStore store = new MemoryStore();
    store.onScrub(pace -> passes.incrementAndGet());
    FixedClock clock = new FixedClock();
    ScrubSchedule schedule = new ScrubSchedule(store, clock, Duration.ofHours(24), 1);
    schedule.maybeScrub();
    clock.now = NOW.plus(Duration.ofDays(365));
    schedule.maybeScrub();
    assertThat(passes).as("the clock was set ahead").hasValue(1);
    clock.now = NOW.minus(Duration.ofDays(365));
    clock.nanos = Duration.ofHours(25).toNanos();
    schedule.maybeScrub();
    assertThat(passes).as("the clock was set back, and a day passed").hasValue(2);
  }

  static class FixedClock implements Clock {
    Instant now = NOW;
    long nanos;

    @Override
    public Instant now() {
      return now;
    }

    @Override
    public long nanoTime() {
      return nanos;
    }

    @Override
    public void sleep(Duration duration) {}
  }

  private static final class FixedRegistry implements NodeRegistry {
    final List<NodeStatus> nodes = new ArrayList<>();
    final List<String> unreadable = new ArrayList<>();

    @Override
    public NodeListing listing(NodeKind kind) {
      return new NodeListing(
          nodes.stream().filter(node -> node.kind() == kind).toList(), unreadable);
    }

    @Override
    public Optional<NodeStatus> find(NodeKind kind, String nodeId) {
      return Optional.empty();
    }

    @Override
    public void put(NodeStatus node) {
      nodes.add(node);
    }

    @Override
    public void updateState(NodeKind kind, String nodeId, NodeState state) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Watching watch(NodeKind kind, Consumer<List<NodeStatus>> onChange) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
  }
}
