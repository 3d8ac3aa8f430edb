package org.tidbbinlog.pump.storage;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Random stories against the model; a failure names its seed and the last events. */
class StoreModelTest {
  private static final int STEPS = 400;

  @Test
  @Timeout(value = 120, unit = TimeUnit.SECONDS)
  void randomStories_anyInterleavingAndCrash_deliverExactlyTheCommitted() {
    run(Long.getLong("seed.from", 1), Integer.getInteger("seed.count", 600));
  }

  @Test
  @Tag("soak")
  @Timeout(value = 1, unit = TimeUnit.HOURS)
  void randomStories_manySeeds_deliverExactlyTheCommitted() {
    run(1_000_000, 20_000);
  }

  private static void run(long from, int count) {
    for (long seed = from; seed < from + count; seed++) {
      RandomWorkload workload = new RandomWorkload(seed);
      try {
        workload.run(STEPS);
      } catch (Throwable e) {
        List<String> events = workload.events;
        throw new AssertionError(
            "seed "
                + seed
                + ", last events "
                + events.subList(Math.max(0, events.size() - 30), events.size()),
            e);
      }
    }
  }
}
