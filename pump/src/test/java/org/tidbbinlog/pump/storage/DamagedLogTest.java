package org.tidbbinlog.pump.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.txn.TransactionFate;

/** Acknowledged records that are damaged where sorting has still to read them (I9). */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class DamagedLogTest {
  private static final int TRANSACTIONS = 150;
  private final Rig rig = new Rig();

  @Test
  void unsortedTail_damagedInTheMiddle_refusesReadersWhoWouldPassIt() {
    for (long number = 1; number <= 5; number++) {
      write(number);
    }
    rig.sort();
    for (long number = 6; number <= 20; number++) {
      write(number);
    }
    rig.disk.kill();
    flipIn("value/000000.vlog", prewriteOf(8));
    rig.open();
    rig.settle();

    DamagedStretch damage = onlyDamage();
    assertThat(damage.file()).isEqualTo("value/000000.vlog");
    assertThat(damage.kind()).isEqualTo(DamagedStretch.Kind.LOST);
    assertThat(damage.after().value()).isEqualTo(commitOf(7));
    assertThat(damage.upTo().value()).isBetween(commitOf(8), commitOf(9));
    requireGap(damage);

    rig.reopenAfterClose();
    rig.settle();
    assertThat(rig.engine.damages()).containsExactly(damage);
    rig.reopenAfterKill();
    rig.settle();
    assertThat(rig.engine.damages()).containsExactly(damage);
    requireGap(damage);
  }

  @Test
  void sealedSegment_damagedAndOrderLogLost_refusesReadersWhoWouldPassIt() {
    for (long number = 1; number <= TRANSACTIONS; number++) {
      write(number);
    }
    rig.sort();
    rig.engine.close();
    assertThat(rig.disk.list("value")).hasSizeGreaterThan(3);
    flipIn("value/000001.vlog", 700);
    rig.disk.list("order").forEach(name -> rig.disk.delete("order/" + name));
    rig.open();
    rig.settle();

    DamagedStretch damage = onlyDamage();
    assertThat(damage.file()).isEqualTo("value/000001.vlog");
    assertThat(damage.after().value()).isGreaterThan(commitOf(1));
    assertThat(damage.upTo()).isGreaterThan(damage.after());
    requireGap(damage);
  }

  @Test
  void damage_belowWhatIsCollected_isForgotten() {
    sealedSegment_damagedAndOrderLogLost_refusesReadersWhoWouldPassIt();
    long hour = Tso.of(3_600_000, 0).value();
    rig.write(Records.prewrite(hour, new byte[4096]), Records.commit(hour, hour + 1));
    rig.write(Records.fake(hour + 2), Records.fake(hour + 3));
    rig.settle();
    rig.collect(hour);
    rig.reopenAfterClose();
    rig.settle();
    assertThat(rig.engine.damages()).isEmpty();
    assertThat(rig.pulledTs(hour)).contains(hour + 3);
  }

  @Test
  void sealedSegment_cutShort_isNamedAtOpen() throws Exception {
    for (long number = 1; number <= TRANSACTIONS; number++) {
      write(number);
      while (rig.engine.proveStep()) {}
    }
    rig.sort();
    rig.engine.close();
    byte[] whole = rig.disk.content("value/000001.vlog");
    rig.disk.replace("value/000001.vlog", Arrays.copyOf(whole, whole.length - 500));

    assertThatThrownBy(rig::open)
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("value/000001.vlog")
        .hasMessageContaining("were acknowledged");
  }

  /** A power cut may keep the end of a group and lose its middle: nobody was told it is durable. */
  @Test
  void groupTornInTheMiddle_isNoGap() {
    write(1);
    rig.sort();
    rig.reopenAfterKill();
    int acknowledged = rig.disk.content("value/000000.vlog").length;
    rig.write(Records.prewrite(20, new byte[60]), Records.prewrite(30, new byte[60]));
    rig.disk.kill();
    flipIn("value/000000.vlog", acknowledged + 30);
    rig.fates.put(30L, new TransactionFate.RolledBack());
    for (int again = 0; again < 3; again++) {
      rig.open();
      for (long number = 40; number < 70; number++) {
        write(number + 100L * again);
      }
      rig.settle();
      assertThat(rig.pulledTs(0)).contains(commitOf(1)).hasSize(1 + 30 * (again + 1));
      rig.engine.close();
      rig.disk.list("order").forEach(name -> rig.disk.delete("order/" + name));
    }
    rig.open();
    rig.settle();
    assertThat(rig.engine.damages())
        .singleElement()
        .matches(damage -> damage.kind() == DamagedStretch.Kind.TORN);
    assertThat(rig.pulledTs(0)).hasSize(91);
  }

  /** Without anything that says who wrote it, a hole may be an original Pump's torn tail. */
  @Test
  void logOfUnknownOrigin_withAHole_isServed() {
    for (long number = 1; number <= TRANSACTIONS; number++) {
      write(number);
    }
    rig.engine.close();
    SimDisk bare = new SimDisk();
    for (String name : rig.disk.list("value")) {
      bare.replace("value/" + name, rig.disk.content("value/" + name));
    }
    byte[] hole = bare.content("value/000001.vlog");
    hole[700] ^= 1;
    bare.replace("value/000001.vlog", hole);
    for (int again = 0; again < 2; again++) {
      Rig reopened = new Rig(bare);
      reopened.settle();
      assertThat(reopened.pulledTs(0)).hasSizeGreaterThanOrEqualTo(TRANSACTIONS - 1);
      reopened.engine.close();
    }
  }

  private void requireGap(DamagedStretch damage) {
    assertThatThrownBy(() -> rig.pull(0))
        .isInstanceOfSatisfying(
            PullGapException.class,
            gap -> {
              assertThat(gap.fromExclusive()).isEqualTo(damage.after());
              assertThat(gap.gcTs()).isEqualTo(damage.upTo());
            })
        .hasMessageContaining(damage.file() + " at " + damage.offset());
    List<Long> behind = rig.pulledTs(damage.upTo().value());
    assertThat(behind).isNotEmpty();
    List<PullRecord> all = rig.pull(0, GapPolicy.SKIP);
    assertThat(all).hasSizeGreaterThan(behind.size());
    try (PullCursor cursor = rig.engine.pull(Tso.ZERO, GapPolicy.SKIP)) {
      while (cursor.tryNext().isPresent()) {}
      assertThat(cursor.skippedGaps()).isOne();
      assertThat(cursor.skippedTo()).isEqualTo(damage.upTo());
    }
  }

  private DamagedStretch onlyDamage() {
    assertThat(rig.engine.damages()).hasSize(1);
    return rig.engine.damages().get(0);
  }

  private void write(long number) {
    rig.write(
        Records.prewrite(number * 10, new byte[60]), Records.commit(number * 10, commitOf(number)));
  }

  private static long commitOf(long number) {
    return number * 10 + 5;
  }

  /** Where the n-th Prewrite is, all frames being alike but for the length of their key. */
  private int prewriteOf(int number) {
    byte[] log = rig.disk.content("value/000000.vlog");
    int at = 0;
    for (int frame = 0; frame < 2 * (number - 1); frame++) {
      at +=
          Frame.HEADER_BYTES
              + (int) Frame.lengthAt(java.nio.ByteBuffer.wrap(log, at, log.length - at).slice());
    }
    return at + Frame.HEADER_BYTES;
  }

  private void flipIn(String file, int offset) {
    byte[] content = rig.disk.content(file);
    content[offset] ^= 4;
    rig.disk.replace(file, content);
  }
}
