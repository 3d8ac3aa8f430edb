package org.tidbbinlog.pump.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tidbbinlog.base.Tso;

/** Damaged entries of the order log are made again while it is in use (I3). */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class OrderRepairTest {
  private static final int TRANSACTIONS = 200;
  private final Rig rig = new Rig();

  /** Heartbeats between, commits out of order, one Prewrite long before its Commit, a dead one. */
  private List<Long> fill() {
    rig.write(Records.prewrite(5, new byte[40]));
    List<Long> all = new ArrayList<>();
    for (long i = 1; i <= TRANSACTIONS; i += 2) {
      long one = i * 100;
      rig.write(Records.prewrite(one, new byte[60]), Records.prewrite(one + 1, new byte[60]));
      rig.write(Records.commit(one, one + 9), Records.commit(one + 1, one + 8));
      rig.write(Records.fake(one + 20), Records.commit(one + 50, one + 51));
      all.addAll(List.of(one + 8, one + 9, one + 20));
    }
    long last = TRANSACTIONS * 100 + 1;
    rig.write(Records.commit(5, last));
    all.add(last);
    rig.sort();
    assertThat(rig.pulledTs(0)).isEqualTo(all);
    return all;
  }

  private String file(int number) {
    return "order/" + rig.disk.list("order").get(number);
  }

  /** The entry, as somebody finds it who has the file open. */
  private void spoil(String file, int entry) {
    rig.disk.flip(file, OrderSegment.HEADER_BYTES + entry * OrderEntry.BYTES + 9);
  }

  private void assertUnreadable() {
    assertThatThrownBy(() -> rig.pulledTs(0))
        .isInstanceOf(CorruptRecordException.class)
        .hasMessageContaining("order/")
        .hasMessageContaining("made again");
  }

  @Test
  void damagedEntries_areMadeAgain_andReadersGoOnWhereTheyWere() {
    List<Long> all = fill();
    List<PullCursor> readers = new ArrayList<>();
    for (int read = 0; read < 20; read++) {
      PullCursor reader = rig.engine.pull(Tso.ZERO, GapPolicy.REFUSE);
      for (int i = 0; i < read; i++) {
        assertThat(reader.tryNext()).isPresent();
      }
      readers.add(reader);
    }
    spoil(file(0), 3);
    spoil(file(0), 4);
    spoil(file(0), 12);
    spoil(file(2), 0);
    assertUnreadable();
    Tso max = rig.engine.maxCommitTs();

    rig.sort();

    assertThat(rig.pulledTs(0)).isEqualTo(all);
    assertThat(rig.engine.maxCommitTs()).isEqualTo(max);
    for (int read = 0; read < readers.size(); read++) {
      assertThat(readers.get(read).position().value()).isEqualTo(read == 0 ? 0 : all.get(read - 1));
    }
    rig.reopenAfterKill();
    assertThat(rig.engine.maxCommitTs()).as("kept, not made anew").isEqualTo(max);
    assertThat(rig.pulledTs(0)).isEqualTo(all);
  }

  @Test
  void firstAndLastEntry_areMadeAgain() {
    List<Long> all = fill();
    int files = rig.disk.list("order").size();
    spoil(file(0), 0);
    spoil(file(files - 1), (all.size() - 1) % rig.settings.orderSegmentEntries());
    assertUnreadable();
    rig.sort();
    assertThat(rig.pulledTs(0)).isEqualTo(all);
    rig.write(Records.fake(30_000));
    rig.sort();
    assertThat(rig.pulledTs(all.get(all.size() - 1))).containsExactly(30_000L);
  }

  @Test
  void fileThatWasCut_isMadeWholeAgain() {
    List<Long> all = fill();
    rig.disk.cut(file(1), OrderSegment.HEADER_BYTES + 5 * OrderEntry.BYTES + 3);
    assertUnreadable();
    rig.sort();
    assertThat(rig.pulledTs(0)).isEqualTo(all);
  }

  @Test
  void anyDamage_isRepairedOrSaidToBeLost_neverServedWrong() {
    for (int seed = 0; seed < 40; seed++) {
      OrderRepairTest each = new OrderRepairTest();
      List<Long> all = each.fill();
      Random random = new Random(seed);
      for (int i = random.nextInt(60); i >= 0; i--) {
        each.spoil(
            each.file(random.nextInt(each.rig.disk.list("order").size())), random.nextInt(5));
      }
      try {
        assertThat(each.rig.pulledTs(0)).isEqualTo(all);
      } catch (CorruptRecordException e) {
        each.rig.sort();
      }
      assertThat(each.rig.pulledTs(0)).as("seed " + seed).isEqualTo(all);
    }
  }

  @Test
  void diskThatFails_isTriedAgain() {
    List<Long> all = fill();
    spoil(file(0), 3);
    assertUnreadable();
    rig.disk.failingForces = 1;
    rig.sort();
    rig.clock.advance(Duration.ofSeconds(2));
    rig.sort();
    assertThat(rig.pulledTs(0)).isEqualTo(all);
    rig.disk.crash(new Random(1));
    rig.open();
    rig.settle();
    assertThat(rig.pulledTs(0)).isEqualTo(all);
  }

  /** Then another set of transactions would seem to be complete. */
  @Test
  void entryWhoseRecordIsGone_endsTheProcess_andTheNextStartSortsAnew() throws IOException {
    List<Long> all = fill();
    spoil(file(0), 3);
    OrderEntry lost = entry(all.get(3));
    rig.disk.flip(
        ValueSegment.fileName(LogPointer.segment(lost.commitPointer())),
        (int) LogPointer.offset(lost.commitPointer()));
    assertUnreadable();

    assertThatThrownBy(() -> rig.engine.indexStep())
        .isInstanceOf(OrderLogLostException.class)
        .hasMessageContaining("1 entries from 3 on")
        .hasMessageContaining("start this Pump again");

    rig.reopenAfterKill();
    assertThat(rig.engine.maxCommitTs()).isEqualTo(Tso.ZERO);
  }

  /** Before the damage. */
  private OrderEntry entry(long commitTs) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(rig.disk.content(file(0)));
    for (int at = OrderSegment.HEADER_BYTES; at < bytes.capacity(); at += OrderEntry.BYTES) {
      if (bytes.getLong(at) == commitTs) {
        return OrderEntry.get(bytes, at);
      }
    }
    throw new IOException("no entry of " + commitTs);
  }

  /** Seed 1795399108928559 of the simulator. */
  @Test
  void tailThatAFailedForceForgot_isWrittenAgainByTheNextProcess() {
    List<Long> all = fill();
    rig.write(Records.prewrite(40_000, new byte[3000]), Records.commit(40_000, 40_001));
    rig.disk.forgettingFolder = "order/";
    rig.sort();
    assertThat(rig.disk.forgettingFolder).as("a force was asked for").isEqualTo("none");
    rig.reopenAfterKill();
    rig.settle();
    rig.engine.close();
    rig.disk.crash(new Random(3));
    rig.open();
    rig.settle();
    assertThat(rig.pulledTs(0)).containsAll(all).contains(40_001L).doesNotHaveDuplicates();
  }

  @Test
  void forceThatForgot_isMadeUpForByTheSameProcess() {
    List<Long> all = fill();
    rig.write(Records.prewrite(40_000, new byte[3000]), Records.commit(40_000, 40_001));
    rig.disk.forgettingFolder = "order/";
    rig.sort();
    rig.clock.advance(Duration.ofSeconds(2));
    rig.sort();
    Tso max = rig.engine.maxCommitTs();
    rig.disk.crash(new Random(3));
    rig.open();
    assertThat(rig.engine.maxCommitTs()).as("kept, not made anew").isEqualTo(max);
    assertThat(rig.pulledTs(0)).containsAll(all).contains(40_001L).doesNotHaveDuplicates();
  }
}
