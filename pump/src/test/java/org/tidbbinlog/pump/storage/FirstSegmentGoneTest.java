package org.tidbbinlog.pump.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An original Pump's directory after its garbage collection: nobody says up to where it went. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class FirstSegmentGoneTest {
  private static final int SEEDS = 40;

  private record Open(long start, long end) {}

  /** What an original Pump leaves: segments and nothing else, the first one collected. */
  private static SimDisk withoutFirstSegment(SimDisk whole) {
    SimDisk left = new SimDisk();
    for (String name : whole.list(ValueSegment.FOLDER)) {
      if (!name.equals("000000.vlog")) {
        String file = ValueSegment.FOLDER + "/" + name;
        left.replace(file, whole.content(file));
      }
    }
    return left;
  }

  /** Transactions side by side: some begin long before they are written, some commit late. */
  private static NavigableMap<Long, Long> fill(Rig rig, SplittableRandom random) {
    TreeMap<Long, Long> startByCommit = new TreeMap<>();
    List<Open> open = new ArrayList<>();
    for (long now = 1000; now < 6_000 || !open.isEmpty(); now += 10) {
      if (now < 6_000 && (open.isEmpty() || random.nextBoolean())) {
        long start = random.nextInt(5) == 0 ? now - 900 + 1 + random.nextInt(7) : now;
        if (open.stream().noneMatch(each -> each.start() == start)) {
          rig.write(Records.prewrite(start, new byte[random.nextInt(60)]));
          open.add(new Open(start, now));
        }
      } else {
        Open done = open.remove(random.nextInt(open.size()));
        rig.write(Records.commit(done.start(), now));
        startByCommit.put(now, done.start());
      }
    }
    return startByCommit;
  }

  @Test
  void whatIsClaimed_isThereWhole_andAllOfItIsDelivered() {
    int delivered = 0;
    for (int seed = 0; seed < SEEDS; seed++) {
      Rig whole = new Rig();
      NavigableMap<Long, Long> all = fill(whole, new SplittableRandom(seed));
      Rig left = new Rig(withoutFirstSegment(whole.disk));
      left.settle();

      long gcTs = left.engine.gcTs().value();
      List<Long> pulled = left.pulledTs(gcTs);
      assertThat(pulled)
          .as("seed %d: all that committed after %d", seed, gcTs)
          .containsExactlyElementsOf(all.tailMap(gcTs, false).keySet());
      delivered += pulled.size();
    }
    assertThat(delivered).as("what is left is not thrown away").isGreaterThan(SEEDS * 100);
  }

  @Test
  void firstRecordThatIsNoBinlog_doesNotKeepTheStoreFromOpening() {
    Rig whole = new Rig();
    NavigableMap<Long, Long> all = fill(whole, new SplittableRandom(1));
    SimDisk disk = withoutFirstSegment(whole.disk);
    byte[] segment = disk.content("value/000001.vlog");
    ByteBuffer garbage = ByteBuffer.allocate(Frame.HEADER_BYTES + 1 + segment.length);
    byte[] payload = {0x0f};
    Frame.putHeader(garbage, 1, Frame.crc(ByteBuffer.wrap(payload)));
    disk.replace("value/000001.vlog", garbage.put(payload).put(segment).array());

    Rig left = new Rig(disk);
    left.settle();
    long gcTs = left.engine.gcTs().value();
    assertThat(left.pulledTs(gcTs))
        .containsExactlyElementsOf(all.tailMap(gcTs, false).keySet())
        .isNotEmpty();
  }
}
