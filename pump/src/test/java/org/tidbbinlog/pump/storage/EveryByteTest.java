package org.tidbbinlog.pump.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.txn.TransactionFate;

/**
 * A small data directory with everything in it (log, order log, saved state), damaged in every way
 * there is: each byte cut, each bit flipped. It opens with the right outcome or says which file is
 * not whole; nothing durable is lost without a word, and nothing is ever invented.
 */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class EveryByteTest {
  private static final String LOG = "value/000000.vlog";
  private static final int TRANSACTIONS = 4;

  @Test
  void savedLog_cutAtEachByte_isRefusedByName() {
    Rig rig = saved();
    byte[] whole = rig.disk.content(LOG);
    for (int cut = 0; cut < whole.length; cut++) {
      SimDisk disk = rig.disk.copy();
      disk.replace(LOG, Arrays.copyOf(whole, cut));
      assertThatThrownBy(() -> new Rig(disk))
          .as("cut at " + cut)
          .isInstanceOf(OperatorException.class)
          .hasMessageContaining(LOG);
    }
  }

  @Test
  void tailBehindTheSavedState_cutAtEachByte_losesOnlyWhatIsNoLongerWhole() {
    Rig rig = saved();
    int savedBytes = rig.disk.content(LOG).length;
    rig.open();
    rig.write(Records.prewrite(100, value(100)), Records.commit(100, 101));
    rig.write(Records.prewrite(200, value(200)), Records.commit(200, 201));
    rig.sort();
    rig.disk.kill();
    byte[] whole = rig.disk.content(LOG);
    int firstCommitEnds = endOf(whole, savedBytes, 2);
    for (int cut = savedBytes; cut <= whole.length; cut++) {
      SimDisk disk = rig.disk.copy();
      disk.replace(LOG, Arrays.copyOf(whole, cut));
      Rig reopened = new Rig(disk);
      for (long start : new long[] {100, 200}) {
        reopened.fates.put(start, new TransactionFate.RolledBack());
      }
      reopened.settle();
      List<Long> expected = new ArrayList<>(savedTs());
      if (cut >= firstCommitEnds) {
        expected.add(101L);
      }
      if (cut == whole.length) {
        expected.add(201L);
      }
      assertThat(reopened.pulledTs(0)).as("cut at " + cut).isEqualTo(expected);
    }
  }

  @Test
  void savedLog_withAnyBitFlipped_isSaidToBeDamagedOrServedWhole() {
    Rig rig = saved();
    byte[] whole = rig.disk.content(LOG);
    int found = 0;
    for (int bit = 0; bit < whole.length * 8; bit++) {
      found += damaged(rig, LOG, flipped(whole, bit), "bit " + bit) ? 1 : 0;
    }
    assertThat(found).as("every flipped bit of the log is noticed").isEqualTo(whole.length * 8);
  }

  @Test
  void orderLog_withAnyBitFlipped_isReportedOrRebuilt() {
    Rig rig = saved();
    String name = "order/" + rig.disk.list("order").get(0);
    byte[] whole = rig.disk.content(name);
    for (int bit = 0; bit < whole.length * 8; bit++) {
      damaged(rig, name, flipped(whole, bit), name + " bit " + bit);
    }
  }

  @Test
  void orderLog_cutAtEachByte_isRebuilt() {
    Rig rig = saved();
    String name = "order/" + rig.disk.list("order").get(0);
    byte[] whole = rig.disk.content(name);
    for (int cut = 0; cut < whole.length; cut++) {
      SimDisk disk = rig.disk.copy();
      disk.replace(name, Arrays.copyOf(whole, cut));
      Rig reopened = new Rig(disk);
      reopened.sort();
      assertThat(reopened.pulledTs(0)).as("cut at " + cut).isEqualTo(savedTs());
    }
  }

  @Test
  void savedState_withAnyBitFlippedOrCutAnywhere_isNotBelieved() {
    Rig rig = saved();
    byte[] whole = rig.disk.content(StateFile.NAME);
    for (int bit = 0; bit < whole.length * 8; bit++) {
      requireWhole(rig, StateFile.NAME, flipped(whole, bit), "bit " + bit);
    }
    for (int cut = 0; cut < whole.length; cut++) {
      requireWhole(rig, StateFile.NAME, Arrays.copyOf(whole, cut), "cut at " + cut);
    }
  }

  @Test
  void lockFile_thatADeadProcessLeft_doesNotMatter(@TempDir Path folder) throws IOException {
    Files.writeString(folder.resolve(".lock"), "pid 4711\n");
    try (FileBinlogStore store = open(folder)) {
      assertThat(store.maxCommitTs()).isEqualTo(Tso.ZERO);
      assertThatThrownBy(() -> open(folder))
          .isInstanceOf(OperatorException.class)
          .hasMessageContaining("in use");
    }
    open(folder).close();
  }

  private static FileBinlogStore open(Path folder) {
    return FileBinlogStore.open(
        folder,
        Rig.SMALL,
        (start, key, now) -> new TransactionFate.Undecided("nobody asks"),
        () -> Tso.of(1, 0),
        Clock.system());
  }

  private static Rig saved() {
    Rig rig = new Rig();
    for (long i = 1; i <= TRANSACTIONS; i++) {
      rig.write(Records.prewrite(i * 10, value(i)), Records.commit(i * 10, i * 10 + 5));
    }
    rig.sort();
    rig.engine.close();
    return rig;
  }

  private static List<Long> savedTs() {
    return java.util.stream.LongStream.rangeClosed(1, TRANSACTIONS)
        .map(i -> i * 10 + 5)
        .boxed()
        .toList();
  }

  private static byte[] value(long number) {
    byte[] value = new byte[7];
    Arrays.fill(value, (byte) number);
    return value;
  }

  private static byte[] flipped(byte[] whole, int bit) {
    byte[] flipped = whole.clone();
    flipped[bit / 8] ^= (byte) (1 << bit % 8);
    return flipped;
  }

  /** Offset after so many frames from a place on. */
  private static int endOf(byte[] log, int from, int frames) {
    int at = from;
    for (int i = 0; i < frames; i++) {
      at +=
          Frame.HEADER_BYTES
              + (int) Frame.lengthAt(ByteBuffer.wrap(log, at, log.length - at).slice());
    }
    return at;
  }

  private static void requireWhole(Rig rig, String file, byte[] content, String what) {
    SimDisk disk = rig.disk.copy();
    disk.replace(file, content);
    Rig reopened = new Rig(disk);
    reopened.sort();
    assertThat(reopened.pulledTs(0)).as(what).isEqualTo(savedTs());
  }

  /** Whether the damage was noticed: at open, by a reader, or in the count of damaged bytes. */
  private static boolean damaged(Rig rig, String file, byte[] content, String what) {
    SimDisk disk = rig.disk.copy();
    disk.replace(file, content);
    Rig reopened;
    try {
      reopened = new Rig(disk);
    } catch (OperatorException e) {
      assertThat(e).as(what).hasMessageContaining(file);
      return true;
    }
    reopened.sort();
    List<PullRecord> pulled = new ArrayList<>();
    boolean reported = false;
    try (PullCursor cursor = reopened.engine.pull(Tso.ZERO, GapPolicy.REFUSE)) {
      Optional<PullRecord> next = cursor.tryNext();
      while (next.isPresent()) {
        pulled.add(next.get());
        next = cursor.tryNext();
      }
    } catch (CorruptRecordException e) {
      assertThat(e).as(what).hasMessageContaining(file);
      reported = true;
    }
    for (PullRecord record : pulled) {
      long number = record.startTs().value() / 10;
      assertThat(record.commitTs().value()).as(what).isEqualTo(number * 10 + 5);
      assertThat(Records.parse(record).getPrewriteValue().toByteArray())
          .as(what)
          .isEqualTo(value(number));
    }
    boolean noticed = reported || reopened.engine.stats().corruptBytes() > 0;
    if (!noticed) {
      assertThat(pulled).as(what + ": nothing was said").hasSize(TRANSACTIONS);
    }
    return noticed;
  }
}
