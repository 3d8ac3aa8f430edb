package org.tidbbinlog.pump.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class GarbageTest {
  private final Rig rig = new Rig();

  private static long at(long second) {
    return Tso.of(second * 1000, 0).value();
  }

  private void fill(int fromSecond, int toSecond) {
    for (int second = fromSecond; second < toSecond; second += 100) {
      rig.write(
          Records.prewrite(at(second), new byte[300]), Records.commit(at(second), at(second + 1)));
    }
    rig.sort();
  }

  @Test
  @DisplayName("pump fact 18: the mark of garbage collection only moves below maxCommitTs")
  void collection_onFreshStore_isIgnored() {
    assertThat(rig.collect(at(1000))).isEqualTo(GcOutcome.IGNORED);
    assertThat(rig.engine.gcTs()).isEqualTo(Tso.ZERO);

    fill(100, 5000);
    assertThat(rig.collect(at(1000))).isEqualTo(GcOutcome.DONE);
    assertThat(rig.engine.gcTs()).isEqualTo(new Tso(at(1000)));
    assertThat(rig.collect(at(900))).isEqualTo(GcOutcome.IGNORED);
  }

  @Test
  void collection_deletesOldSegmentsAndKeepsAllAboveTheMark() {
    fill(100, 20_000);
    int segments = rig.disk.list("value").size();
    int orders = rig.disk.list("order").size();
    List<Long> before = rig.pulledTs(at(10_000));

    rig.collect(at(10_000));

    assertThat(rig.disk.list("value")).hasSizeLessThan(segments * 2 / 3);
    assertThat(rig.disk.list("order")).hasSizeLessThan(orders * 2 / 3);
    assertThat(rig.pulledTs(at(10_000))).isEqualTo(before);
    rig.reopenAfterKill();
    rig.sort();
    assertThat(rig.engine.gcTs()).isEqualTo(new Tso(at(10_000)));
    assertThat(rig.pulledTs(at(10_000))).isEqualTo(before);
  }

  @Test
  void pullBelowTheMark_strict_namesBothEnds() {
    fill(100, 20_000);
    rig.collect(at(10_000));

    assertThatThrownBy(() -> rig.pull(at(500)))
        .isInstanceOfSatisfying(
            PullGapException.class,
            gap -> {
              assertThat(gap.fromExclusive()).isEqualTo(new Tso(at(500)));
              assertThat(gap.gcTs()).isEqualTo(new Tso(at(10_000)));
            });
    assertThat(rig.pull(at(500), GapPolicy.SKIP))
        .isNotEmpty()
        .allMatch(record -> record.commitTs().isAfter(new Tso(at(10_000))));
  }

  @Test
  void openCursor_overtakenByCollection_hasAGapOrSkipsIt() {
    fill(100, 20_000);
    PullCursor strict = rig.engine.pull(Tso.ZERO, GapPolicy.REFUSE);
    PullCursor lenient = rig.engine.pull(Tso.ZERO, GapPolicy.SKIP);
    strict.tryNext();
    lenient.tryNext();

    rig.collect(at(15_000));

    assertThatThrownBy(() -> drain(strict)).isInstanceOf(PullGapException.class);
    drain(lenient);
    assertThat(lenient.skippedGaps()).isPositive();
    assertThat(lenient.position()).isEqualTo(rig.engine.maxCommitTs());
  }

  private static void drain(PullCursor cursor) {
    while (cursor.tryNext().isPresent()) {}
  }

  @Test
  void prewriteMuchOlderThanItsCommit_survivesCollection() {
    rig.write(Records.prewrite(at(50), new byte[] {42}));
    fill(100, 10_000);
    // Committed an hour and more after it began: its segment is older than any slack.
    rig.write(Records.commit(at(50), at(10_001)));
    rig.write(Records.fake(at(10_002)));
    fill(10_100, 20_000);

    rig.collect(at(9_000));
    assertThat(first(at(9_000), at(50)).getPrewriteValue().toByteArray()).containsExactly(42);
    rig.reopenAfterKill();
    rig.sort();
    assertThat(first(at(9_000), at(50)).getPrewriteValue().toByteArray()).containsExactly(42);

    int before = rig.disk.list("value").size();
    rig.collect(at(15_000));
    assertThat(rig.disk.list("value")).hasSizeLessThan(before);
  }

  @Test
  void drainerThatComesBack_whileWhatMayGoIsFound_isHeeded() {
    fill(100, 20_000);
    List<Long> before = rig.pulledTs(at(5_000));

    Supplier<Tso> lower = () -> new Tso(at(5_000));
    assertThat(rig.engine.collectGarbage(new Tso(at(15_000)), lower)).isEqualTo(GcOutcome.DONE);

    assertThat(rig.engine.gcTs()).isEqualTo(new Tso(at(5_000)));
    assertThat(rig.pulledTs(at(5_000))).isEqualTo(before);
  }

  @Test
  void drainerThatNeedsEverything_endsTheCollection() {
    fill(100, 20_000);
    rig.collect(at(5_000));
    List<SegmentInfo> before = rig.engine.segments();

    Supplier<Tso> lower = () -> new Tso(at(4_000));
    assertThat(rig.engine.collectGarbage(new Tso(at(15_000)), lower)).isEqualTo(GcOutcome.IGNORED);

    assertThat(rig.engine.gcTs()).isEqualTo(new Tso(at(5_000)));
    assertThat(rig.engine.segments()).isEqualTo(before);
  }

  @Test
  void registryThatDoesNotAnswer_beforeTheMarkIsSaved_endsTheCollection() {
    fill(100, 20_000);
    Supplier<Tso> silent =
        () -> {
          throw new RetryableException("PD is away");
        };

    assertThatThrownBy(() -> rig.engine.collectGarbage(new Tso(at(15_000)), silent))
        .isInstanceOf(RetryableException.class);

    assertThat(rig.engine.gcTs()).isEqualTo(Tso.ZERO);
    assertThat(rig.collect(at(5_000))).isEqualTo(GcOutcome.DONE);
    assertThat(rig.engine.gcTs()).isEqualTo(new Tso(at(5_000)));
  }

  private org.tidbbinlog.wire.payload.Binlog first(long from, long start) {
    return rig.pull(from).stream()
        .map(Records::parse)
        .filter(binlog -> binlog.getStartTs() == start)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void undecidedPrewrite_keepsItsSegment() {
    rig.write(Records.prewrite(at(50), new byte[] {42}));
    rig.sort();
    int orderFiles = rig.disk.list("value").size();
    fill(100, 10_000);

    assertThat(rig.engine.maxCommitTs()).isEqualTo(Tso.ZERO);
    assertThat(rig.collect(at(5_000))).isEqualTo(GcOutcome.IGNORED);
    assertThat(rig.disk.list("value")).hasSizeGreaterThanOrEqualTo(orderFiles);
  }

  @Test
  void collection_cutShortByACrash_isFinishedAtOpen() {
    fill(100, 20_000);
    SimDisk before = rig.disk.copy();
    rig.collect(at(10_000));
    List<Long> kept = rig.pulledTs(at(10_000));
    rig.engine.close();
    int segments = rig.disk.list("value").size();
    // The files deleted last come back, as if only the state had reached the disk.
    for (String name : before.list("value")) {
      if (!rig.disk.list("value").contains(name)) {
        rig.disk.replace("value/" + name, before.content("value/" + name));
      }
    }
    rig.open();
    rig.sort();

    assertThat(rig.disk.list("value")).hasSize(segments);
    assertThat(rig.pulledTs(at(10_000))).isEqualTo(kept);
  }

  @Test
  void orderLogRebuilt_afterCollection_givesOutNothingBelowTheMark() {
    fill(100, 20_000);
    rig.collect(at(10_000));
    List<Long> kept = rig.pulledTs(at(10_000));
    rig.engine.close();
    for (String name : rig.disk.list("order")) {
      rig.disk.delete("order/" + name);
    }
    rig.open();
    rig.settle();

    assertThat(rig.pulledTs(at(10_000))).isEqualTo(kept);
    assertThat(rig.pull(0, GapPolicy.SKIP)).hasSameSizeAs(kept);
  }
}
