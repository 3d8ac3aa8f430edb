package org.tidbbinlog.pump.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.txn.TransactionFate;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class RecoveryTest {
  private static final String FIRST = "value/000000.vlog";

  @Test
  void valueLog_cutAtEachByteOfItsLastRecords_losesOnlyRecordsNoLongerWhole() {
    Rig rig = new Rig();
    rig.write(Records.prewrite(10, new byte[20]), Records.commit(10, 11));
    rig.write(Records.prewrite(20, new byte[20]), Records.commit(20, 21));
    rig.write(Records.fake(30));
    byte[] whole = rig.disk.content(FIRST);
    int[] ends = frameEnds(whole);

    for (int cut = ends[1]; cut <= whole.length; cut++) {
      // No saved state: it would say, rightly, that acknowledged bytes are missing.
      SimDisk disk = new SimDisk();
      disk.replace(FIRST, Arrays.copyOf(whole, cut));
      Rig reopened = new Rig(disk);
      reopened.fates.put(20L, new TransactionFate.RolledBack());
      reopened.write(Records.fake(40));
      reopened.settle();

      List<Long> expected =
          cut >= ends[4]
              ? List.of(11L, 21L, 30L, 40L)
              : cut >= ends[3] ? List.of(11L, 21L, 40L) : List.of(11L, 40L);
      assertThat(reopened.pulledTs(0)).as("cut at " + cut).isEqualTo(expected);
      reopened.reopenAfterKill();
      reopened.settle();
      assertThat(reopened.pulledTs(0)).as("and again, cut at " + cut).isEqualTo(expected);
    }
  }

  @Test
  void valueLog_withAnyBitFlipped_losesAtMostThatRecordAndInventsNothing() {
    Rig rig = new Rig();
    for (long i = 1; i <= 3; i++) {
      rig.write(Records.prewrite(i * 10, new byte[9]), Records.commit(i * 10, i * 10 + 1));
    }
    byte[] whole = rig.disk.content(FIRST);
    List<Long> all = List.of(11L, 21L, 31L, 99L);

    for (int bit = 0; bit < whole.length * 8; bit++) {
      byte[] flipped = whole.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      SimDisk disk = new SimDisk();
      disk.replace(FIRST, flipped);
      Rig reopened = new Rig(disk);
      for (long start = 10; start <= 30; start += 10) {
        reopened.fates.put(start, new TransactionFate.RolledBack());
      }
      reopened.write(Records.fake(99));
      reopened.settle();

      List<Long> pulled = reopened.pulledTs(0);
      assertThat(all).as("bit " + bit).containsAll(pulled);
      assertThat(pulled).as("bit " + bit).hasSizeGreaterThanOrEqualTo(3).contains(99L);
      boolean inTail = bit / 8 >= frameEnds(whole)[4];
      assertThat(reopened.engine.stats().corruptBytes() > 0 || inTail).as("bit " + bit).isTrue();
    }
  }

  /** What a power cut leaves of a group that was not forced: the CRC of no bytes is 0. */
  @Test
  void magicBeforeZeros_isNoRecord() {
    Rig rig = new Rig();
    rig.write(Records.prewrite(10, new byte[9]), Records.commit(10, 11));
    byte[] whole = rig.disk.content(FIRST);
    byte[] torn = Arrays.copyOf(whole, whole.length + 60);
    System.arraycopy(whole, 0, torn, whole.length, 4);
    SimDisk disk = new SimDisk();
    disk.replace(FIRST, torn);

    Rig reopened = new Rig(disk);
    reopened.write(Records.fake(99));
    reopened.settle();
    assertThat(reopened.pulledTs(0)).containsExactly(11L, 99L);
    assertThat(reopened.engine.stats().unmatched()).isZero();
  }

  @Test
  void prewriteWithoutStart_isRefused() {
    Rig rig = new Rig();
    Rig.Ack ack = rig.append(Records.prewriteWithoutStart(7));
    assertThat(ack.failure).isInstanceOf(InvalidRecordException.class);
  }

  @Test
  void savedState_withAnyBitFlipped_isNotBelieved() {
    Rig rig = filled();
    rig.engine.close();
    byte[] whole = rig.disk.content(StateFile.NAME);

    for (int at = 0; at < whole.length; at++) {
      SimDisk disk = rig.disk.copy();
      byte[] flipped = whole.clone();
      flipped[at] ^= 1;
      disk.replace(StateFile.NAME, flipped);
      Rig reopened = new Rig(disk);
      reopened.sort();
      assertThat(reopened.pulledTs(0)).as("byte " + at).isEqualTo(filledTs());
    }
  }

  @Test
  void orderLog_lost_isRebuilt() {
    Rig rig = filled();
    rig.engine.close();
    for (String name : rig.disk.list("order")) {
      rig.disk.delete("order/" + name);
    }
    rig.open();
    rig.sort();

    assertThat(rig.pulledTs(0)).isEqualTo(filledTs());
  }

  @Test
  void orderLog_ofAnotherPump_isRebuilt() {
    Rig other = new Rig();
    other.engine.close();
    other.disk.delete(StateFile.NAME);
    other.clock.advance(java.time.Duration.ofDays(1));
    other.open();
    for (int i = 0; i < 100; i++) {
      other.write(Records.fake(1000 + i));
    }
    other.sort();
    other.engine.close();
    Rig rig = filled();
    rig.engine.close();
    for (String name : rig.disk.list("order")) {
      rig.disk.delete("order/" + name);
    }
    for (String name : other.disk.list("order")) {
      rig.disk.replace("order/" + name, other.disk.content("order/" + name));
    }
    rig.open();
    rig.sort();

    assertThat(rig.pulledTs(0)).isEqualTo(filledTs());
  }

  @Test
  void orderLogAndState_ofAnotherPump_areRebuilt() {
    Rig other = new Rig();
    for (int i = 0; i < 100; i++) {
      other.write(Records.fake(1000 + i));
    }
    other.sort();
    other.engine.close();
    Rig rig = filled();
    rig.engine.close();
    rig.disk.replace(StateFile.NAME, other.disk.content(StateFile.NAME));
    rig.open();
    rig.sort();

    assertThat(rig.pulledTs(0)).isEqualTo(filledTs());
  }

  @Test
  void orderLog_everyFileEmptyOrHalf_isRebuilt() {
    for (int keep : new int[] {0, 1, 63, 64, 100}) {
      Rig rig = filled();
      rig.engine.close();
      for (String name : rig.disk.list("order")) {
        byte[] content = rig.disk.content("order/" + name);
        rig.disk.replace("order/" + name, Arrays.copyOf(content, Math.min(keep, content.length)));
      }
      rig.open();
      rig.sort();
      assertThat(rig.pulledTs(0)).as("kept " + keep).isEqualTo(filledTs());
    }
  }

  @Test
  void orderEntry_damagedOnDisk_isReportedAndRebuiltAtNextStart() {
    Rig rig = filled();
    String name = "order/" + rig.disk.list("order").get(0);
    byte[] content = rig.disk.content(name);
    content[OrderSegment.HEADER_BYTES + 3 * OrderEntry.BYTES + 5] ^= 4;
    rig.engine.close();
    rig.disk.replace(name, content);
    rig.open();

    assertThatThrownBy(() -> rig.pull(0))
        .isInstanceOf(CorruptRecordException.class)
        .hasMessageContaining(name);

    rig.reopenAfterClose();
    rig.sort();
    assertThat(rig.pulledTs(0)).isEqualTo(filledTs());
  }

  @Test
  void valueRecord_damagedAfterSorting_isReportedWithFileAndOffset() {
    Rig rig = filled();
    rig.engine.close();
    byte[] content = rig.disk.content(FIRST);
    content[20] ^= 1;
    rig.disk.replace(FIRST, content);
    rig.open();

    assertThatThrownBy(() -> rig.pull(0))
        .isInstanceOf(CorruptRecordException.class)
        .hasMessageContaining(FIRST + " at 0")
        .hasMessageContaining("CRC-32C");
  }

  @Test
  void segment_missing_isNamed() {
    Rig rig = filled();
    rig.engine.close();
    int last = rig.disk.list("value").size() - 1;
    assertThat(last).isGreaterThan(2);
    for (int missing : new int[] {0, 1, last}) {
      SimDisk disk = rig.disk.copy();
      disk.delete(ValueSegment.fileName(missing));
      assertThatThrownBy(() -> new Rig(disk))
          .isInstanceOf(OperatorException.class)
          .hasMessageContaining(ValueSegment.fileName(missing));
    }
  }

  @Test
  void lastSegment_shorterThanAcknowledged_isNamed() {
    Rig rig = new Rig();
    rig.write(Records.fake(10));
    rig.engine.close();
    rig.disk.replace(FIRST, new byte[3]);

    assertThatThrownBy(() -> new Rig(rig.disk))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining(FIRST);
  }

  @Test
  void record_endingLikeAFooter_isNotTakenForOneAfterKill() {
    Rig rig = new Rig();
    ByteBuffer value = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
    value.putLong(77).putInt(Frame.FOOTER_MAGIC);
    // Unknown field 15 as the last bytes of the record.
    ByteBuffer record = ByteBuffer.allocate(64);
    record.put(Records.commit(10, 11)).put((byte) (15 << 3 | 2)).put((byte) 12).put(value.array());
    rig.write(Records.prewrite(10, new byte[1]));
    rig.write(record.flip());

    rig.reopenAfterKill();
    rig.sort();

    assertThat(rig.pulledTs(0)).containsExactly(11L);
  }

  @Test
  void segments_rotate_overshootByOneRecordAndCarryTheirLargestTimestamp() {
    Rig rig = new Rig();
    for (long i = 1; i < 60; i++) {
      rig.write(Records.prewrite(i * 10, new byte[500]), Records.commit(i * 10, i * 10 + 5));
    }
    List<String> segments = rig.disk.list("value");
    assertThat(segments).hasSizeGreaterThan(5);
    long before = 0;
    for (String name : segments.subList(0, segments.size() - 1)) {
      byte[] content = rig.disk.content("value/" + name);
      assertThat(content.length).isLessThan(4096 + 600 + 12);
      ByteBuffer footer =
          ByteBuffer.wrap(content, content.length - 12, 12).order(ByteOrder.LITTLE_ENDIAN);
      long maxTs = footer.getLong();
      assertThat(footer.getInt()).isEqualTo(Frame.FOOTER_MAGIC);
      assertThat(maxTs).isGreaterThan(before);
      before = maxTs;
    }
  }

  @Test
  void cleanClose_ofSmallSegment_writesNoFooterAndOfLargeOneDoes() {
    Rig small = new Rig();
    small.write(Records.fake(10));
    small.engine.close();
    assertThat(small.disk.content(FIRST)).hasSize(26);

    Rig large = new Rig();
    large.write(Records.prewrite(10, new byte[600]), Records.commit(10, 11));
    large.reopenAfterClose();
    large.write(Records.fake(20));
    large.sort();
    assertThat(large.disk.list("value")).containsExactly("000000.vlog", "000001.vlog");
    assertThat(large.pulledTs(0)).containsExactly(11L, 20L);
  }

  @Test
  void reopening_aLongLog_readsOnlyItsTail() {
    Rig rig = filled();
    rig.engine.close();
    rig.open();

    // Nothing is left to sort: the saved state covers all of it.
    assertThat(rig.engine.stats().sortLagBytes()).isZero();
    assertThat(rig.engine.maxCommitTs()).isEqualTo(new Tso(filledTs().get(filledTs().size() - 1)));
    assertThat(rig.pulledTs(0)).isEqualTo(filledTs());
  }

  @Test
  @DisplayName("pump fact 20: a second store on one directory is refused")
  void secondStore_onTheSameDirectory_isRefused() {
    Rig rig = new Rig();

    assertThatThrownBy(() -> new Rig(rig.disk)).isInstanceOf(OperatorException.class);
    rig.engine.close();
    new Rig(rig.disk);
  }

  private static Rig filled() {
    Rig rig = new Rig();
    for (long i = 1; i <= 100; i++) {
      rig.write(Records.prewrite(i * 10, new byte[100]), Records.commit(i * 10, i * 10 + 5));
    }
    rig.sort();
    return rig;
  }

  private static List<Long> filledTs() {
    return java.util.stream.LongStream.rangeClosed(1, 100).map(i -> i * 10 + 5).boxed().toList();
  }

  private static int[] frameEnds(byte[] log) {
    ByteBuffer bytes = ByteBuffer.wrap(log).order(ByteOrder.LITTLE_ENDIAN);
    int[] ends = new int[16];
    int count = 0;
    int at = 0;
    while (at < log.length) {
      at += 16 + (int) bytes.getLong(at + 4);
      ends[count++] = at;
    }
    return Arrays.copyOf(ends, count);
  }

  @Test
  void olderBackupOfTheValueLog_underANewerState_isNotDeleted() {
    Rig rig = filled();
    SimDisk newer = rig.disk;
    List<String> files = newer.list("value");
    rig.engine.close();
    int firstListed = files.size() - 1;
    // The state of a Pump that has collected all but the last file; the folder of one that has not.
    String state =
        new String(newer.content(StateFile.NAME), java.nio.charset.StandardCharsets.UTF_8);
    StringBuilder lines = new StringBuilder();
    for (String line : state.split("\n", -1)) {
      boolean isEarlier =
          line.startsWith("segment ") && !line.startsWith("segment " + firstListed + " ");
      if (!isEarlier && !line.isEmpty() && !line.startsWith("crc32c ")) {
        lines.append(line).append('\n');
      }
    }
    byte[] body = lines.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8);
    String crc = "crc32c " + Integer.toHexString(Frame.crc(ByteBuffer.wrap(body))) + "\n";
    newer.replace(StateFile.NAME, (lines + crc).getBytes(java.nio.charset.StandardCharsets.UTF_8));
    newer.delete(ValueSegment.fileName(firstListed));

    assertThatThrownBy(() -> new Rig(newer))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining(ValueSegment.fileName(firstListed));
    assertThat(newer.list("value")).isEqualTo(files.subList(0, firstListed));
  }
}
