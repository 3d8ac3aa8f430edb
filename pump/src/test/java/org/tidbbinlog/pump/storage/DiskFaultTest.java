package org.tidbbinlog.pump.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

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
}
