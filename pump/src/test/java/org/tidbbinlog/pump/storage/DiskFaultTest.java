package org.tidbbinlog.pump.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tidbbinlog.base.Tso;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class DiskFaultTest {
  private final Rig rig = new Rig();

  @Test
  void diskFull_failsTheWholeGroupAndRecoversWhenSpaceReturns() {
    rig.write(Records.prewrite(10, new byte[50]), Records.commit(10, 11));
    rig.disk.quotaBytes = 100;
    List<Rig.Ack> refused = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      refused.add(rig.append(Records.prewrite(20 + i, new byte[50])));
    }
    rig.writeAll();
    assertThat(refused)
        .allSatisfy(
            ack -> {
              assertThat(ack.durable).isFalse();
              assertThat(ack.failure)
                  .isInstanceOf(StoreWriteException.class)
                  .hasMessageContaining("No space left");
            });

    rig.disk.quotaBytes = Long.MAX_VALUE;
    rig.write(Records.prewrite(30, new byte[50]), Records.commit(30, 31));
    rig.sort();
    assertThat(rig.pulledTs(0)).containsExactly(11L, 31L);
    rig.reopenAfterKill();
    rig.sort();
    assertThat(rig.pulledTs(0)).containsExactly(11L, 31L);
    assertThat(rig.engine.stats().corruptBytes()).isZero();
  }

  @Test
  void force_thatFails_acknowledgesNothing() {
    rig.disk.failingForces = 2;
    Rig.Ack first = rig.append(Records.fake(10));
    rig.writeAll();
    Rig.Ack second = rig.append(Records.fake(20));
    rig.writeAll();
    assertThat(first.durable).isFalse();
    assertThat(second.durable).isFalse();

    rig.write(Records.fake(30));
    rig.sort();
    assertThat(rig.pulledTs(0)).containsExactly(30L);
  }

  @Test
  void rotation_onFullDisk_failsTheGroupAndIsMadeUpForLater() {
    for (int i = 0; i < 8; i++) {
      rig.write(Records.prewrite(10 + i, new byte[600]));
    }
    int segments = rig.disk.list("value").size();
    rig.disk.quotaBytes = 4;
    int refused = 0;
    for (int i = 0; i < 20; i++) {
      Rig.Ack ack = rig.append(Records.prewrite(100 + i, new byte[600]));
      rig.writeAll();
      refused += ack.durable ? 0 : 1;
    }
    assertThat(refused).isEqualTo(20);
    rig.disk.quotaBytes = Long.MAX_VALUE;
    for (int i = 0; i < 20; i++) {
      rig.write(Records.prewrite(200 + i, new byte[600]), Records.commit(200 + i, 300 + i));
    }
    assertThat(rig.disk.list("value")).hasSizeGreaterThan(segments);
    rig.reopenAfterKill();
    rig.sort();
    assertThat(rig.engine.unmatchedCount()).isEqualTo(8);
    assertThat(rig.engine.stats().corruptBytes()).isZero();
  }

  @Test
  void orderLogWrite_thatFails_isRepeatedWithoutLossOrDuplicate() {
    rig.write(Records.prewrite(10, new byte[5]), Records.commit(10, 11), Records.fake(12));
    rig.disk.quotaBytes = 70;
    for (int i = 0; i < 3; i++) {
      try {
        while (rig.engine.indexStep()) {}
      } catch (java.io.IOException e) {
        assertThat(e).hasMessageContaining("No space left");
      }
    }
    assertThat(rig.engine.maxCommitTs().value()).isLessThan(12);

    rig.disk.quotaBytes = Long.MAX_VALUE;
    rig.sort();
    assertThat(rig.pulledTs(0)).containsExactly(11L, 12L);
  }

  @Test
  void orderLogWrite_thatFailsBeforeAnOrderlyStop_losesNothing() {
    rig.write(Records.prewrite(10, new byte[5]), Records.commit(10, 11), Records.fake(12));
    rig.write(Records.prewrite(20, new byte[5]), Records.prewrite(30, new byte[5]));
    rig.write(Records.commit(30, 31), Records.commit(20, 32));
    rig.disk.quotaBytes = 70;
    assertThatThrownBy(rig::sort).hasMessageContaining("No space left");
    rig.disk.quotaBytes = Long.MAX_VALUE;

    rig.reopenAfterClose();
    rig.sort();
    assertThat(rig.pulledTs(0)).containsExactly(11L, 12L, 31L, 32L);
  }

  @Test
  void orderLogForce_thatForgets_isNotBelievedWhenItSucceedsLater() {
    fillTo(2000);
    List<Long> all = rig.pulledTs(0);
    rig.write(Records.prewrite(at(3000), new byte[3000]), Records.commit(at(3000), at(3001)));
    rig.disk.forgettingFolder = "order/";
    rig.sort();
    assertThat(rig.disk.forgettingFolder).as("a force was asked for").isEqualTo("none");
    rig.clock.advance(Duration.ofSeconds(2));
    rig.sort();

    rig.reopenAfterKill();
    rig.settle();
    assertThat(rig.pulledTs(0)).containsAll(all).contains(at(3001)).doesNotHaveDuplicates();
  }

  @Test
  void queue_beyondItsBound_refusesAtOnceAndTakesOneLargeRecordAlone() {
    byte[] large = new byte[2 << 20];
    Rig.Ack alone = rig.append(Records.prewrite(10, large));
    Rig.Ack second = rig.append(Records.prewrite(20, new byte[10]));
    assertThat(second.failure).isInstanceOf(StoreBusyException.class);
    rig.writeAll();
    assertThat(alone.durable).isTrue();
    rig.write(Records.prewrite(20, new byte[10]));
    assertThat(rig.engine.stats().queuedBytes()).isZero();
  }

  private static long at(long second) {
    return Tso.of(second * 1000, 0).value();
  }

  private void fillTo(int toSecond) {
    for (int second = 100; second < toSecond; second += 100) {
      rig.write(
          Records.prewrite(at(second), new byte[300]), Records.commit(at(second), at(second + 1)));
    }
    rig.sort();
  }

  @Test
  void collection_thatCannotSaveItsState_changesNothingAndIsMadeUpForLater() {
    fillTo(20_000);
    List<String> files = rig.disk.list("value");
    List<SegmentInfo> segments = rig.engine.segments();
    List<Long> all = rig.pulledTs(0);

    rig.disk.quotaBytes = 0;
    assertThatThrownBy(() -> rig.collect(at(10_000))).isInstanceOf(StoreWriteException.class);
    assertThat(rig.engine.gcTs()).isEqualTo(Tso.ZERO);
    assertThat(rig.engine.segments()).isEqualTo(segments);
    assertThat(rig.disk.list("value")).isEqualTo(files);
    assertThat(rig.pulledTs(0)).isEqualTo(all);

    rig.disk.quotaBytes = Long.MAX_VALUE;
    rig.collect(at(10_000));
    assertThat(rig.disk.list("value")).hasSizeLessThan(files.size());
    assertFilesAreListed();
  }

  /** Seed 1795399108916117 of the simulator: a Drainer came back after the failure. */
  @Test
  void collection_thatFailed_doesNotMoveTheNextOne() {
    fillTo(20_000);
    rig.disk.quotaBytes = 0;
    assertThatThrownBy(() -> rig.collect(at(10_000))).isInstanceOf(StoreWriteException.class);

    rig.disk.quotaBytes = Long.MAX_VALUE;
    assertThat(rig.collect(at(3_000))).isEqualTo(GcOutcome.DONE);
    assertThat(rig.engine.gcTs()).isEqualTo(new Tso(at(3_000)));
  }

  @Test
  void collectedFile_thatCannotBeDeleted_isDeletedByTheNextCollection() {
    fillTo(20_000);
    int orders = rig.disk.list("order").size();
    rig.disk.before =
        (operation, file) -> {
          if (operation == SimDisk.Operation.DELETE && file.equals("value/000001.vlog")) {
            throw new IOException("Input/output error");
          }
        };
    assertThatThrownBy(() -> rig.collect(at(10_000))).isInstanceOf(StoreWriteException.class);
    assertThat(rig.disk.list("value")).contains("000001.vlog").doesNotContain("000002.vlog");
    assertThat(rig.disk.list("order")).hasSizeLessThan(orders);
    assertThat(rig.engine.gcTs()).isEqualTo(new Tso(at(10_000)));

    rig.disk.before = (operation, file) -> {};
    assertThat(rig.collect(at(9_000))).isEqualTo(GcOutcome.IGNORED);
    assertFilesAreListed();
  }

  private void assertFilesAreListed() {
    assertThat(rig.disk.list("value"))
        .isEqualTo(
            rig.engine.segments().stream()
                .map(segment -> segment.file().substring("value/".length()))
                .toList());
  }

  @Test
  void stateThatCannotBeSaved_stallsNoPull() {
    rig.disk.before =
        (operation, file) -> {
          if (file.startsWith(StateFile.NAME)) {
            throw new IOException("No space left on device");
          }
        };
    AtomicInteger woken = new AtomicInteger();
    try (PullCursor cursor = rig.engine.pull(Tso.ZERO, GapPolicy.REFUSE)) {
      assertThat(cursor.tryNext()).isEmpty();
      cursor.onReady(woken::incrementAndGet);
      rig.write(Records.fake(10));
      rig.sort();
      assertThat(woken).hasValue(1);
      assertThat(cursor.tryNext()).isPresent();
    }
    rig.disk.before = (operation, file) -> {};
    byte[] before = rig.disk.content(StateFile.NAME);
    rig.clock.advance(Duration.ofSeconds(2));
    rig.sort();
    assertThat(rig.disk.content(StateFile.NAME)).isNotEqualTo(before);
  }

  @Test
  void read_thatFails_isNoDamage() {
    fillTo(2000);
    List<Long> all = rig.pulledTs(0);
    for (String folder : List.of("value/", "order/")) {
      rig.disk.before =
          (operation, file) -> {
            if (operation == SimDisk.Operation.READ && file.startsWith(folder)) {
              throw new IOException("Input/output error");
            }
          };
      assertThatThrownBy(() -> rig.pull(0)).isInstanceOf(StoreReadException.class);
      assertThatThrownBy(() -> rig.engine.find(new Tso(all.get(3))))
          .isInstanceOf(StoreReadException.class);
      rig.disk.before = (operation, file) -> {};
    }
    assertThat(rig.pulledTs(0)).isEqualTo(all);
  }

  @Test
  void unreadableSectorUnderAMappedRecord_isAFailedRead_forEveryThread() throws Exception {
    ByteBuffer record = Records.prewrite(at(100), new byte[ReadWindow.MAP_FROM_BYTES + 1000]);
    ByteBuffer large = ByteBuffer.allocateDirect(record.remaining()).put(record).flip();
    rig.write(large);
    rig.write(Records.commit(at(100), at(101)));
    SimDisk.BadSector bad = new SimDisk.BadSector("value/000000.vlog", 8 << 20);

    rig.disk.badSector = bad;
    assertThatThrownBy(rig::sort).as("sorting").hasRootCauseInstanceOf(IOException.class);
    rig.disk.badSector = new SimDisk.BadSector("", 0);
    rig.sort();
    rig.disk.badSector = bad;
    assertThatThrownBy(() -> rig.pull(0)).as("a pull").isInstanceOf(StoreReadException.class);
    assertThatThrownBy(() -> rig.engine.find(new Tso(at(100))))
        .as("a question")
        .isInstanceOf(StoreReadException.class);
    assertThatThrownBy(this::proveAll).as("the proof").isInstanceOf(IOException.class);
    rig.engine.scrub(ScrubPace.UNLIMITED);
    assertThat(rig.engine.scrubReport().damages())
        .as("scrubbing")
        .extracting(Damage::file)
        .containsExactly("value/000000.vlog");

    rig.disk.badSector = new SimDisk.BadSector("", 0);
    assertThat(rig.pulledTs(0)).containsExactly(at(101));
  }

  private void proveAll() throws IOException {
    while (rig.engine.proveStep()) {}
  }

  @Test
  void segmentWhoseNameCannotBeForced_leavesNoFileOpen() {
    rig.write(Records.fake(10));
    int files = rig.disk.openFiles;
    rig.disk.failingFolder = ValueSegment.FOLDER;
    for (int i = 0; i < 5; i++) {
      Rig.Ack large = rig.append(Records.prewrite(20 + i, new byte[5000]));
      rig.writeAll();
      Rig.Ack next = rig.append(Records.prewrite(30 + i, new byte[5000]));
      rig.writeAll();
      assertThat(large.durable && next.durable).isFalse();
    }
    assertThat(rig.disk.openFiles).isEqualTo(files);
  }
}
