package org.tidbbinlog.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tidbbinlog.node.log.Logging;

/** The fixed set of seeds; {@code -Dseed=N} runs one of them, or any other. */
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class SimulationTest {
  private static final int KEPT_EVENTS = 80;

  @BeforeAll
  static void quiet() {
    Logging.configure("fatal");
  }

  @Test
  void fixedSeeds_breakNoPromise() {
    LongStream seeds =
        Long.getLong("seed") == null
            ? LongStream.rangeClosed(1, 120)
            : LongStream.of(Long.getLong("seed"));
    seeds.forEach(SimulationTest::requireClean);
  }

  @Test
  @Tag("soak")
  void manySeeds_breakNoPromise() {
    LongStream.range(1_000_000, 1_006_000).forEach(SimulationTest::requireClean);
  }

  @Test
  void sameSeed_hasTheSameEvents() {
    for (long seed : new long[] {1, 17, 4711}) {
      Simulation.Outcome once = Simulation.run(seed, KEPT_EVENTS);
      Simulation.Outcome again = Simulation.run(seed, KEPT_EVENTS);
      assertThat(again.hash()).isEqualTo(once.hash());
      assertThat(again.events()).isEqualTo(once.events()).isPositive();
    }
    assertThat(Simulation.run(1, 1).hash()).isNotEqualTo(Simulation.run(2, 1).hash());
  }

  private static void requireClean(long seed) {
    Simulation.Outcome outcome = Simulation.run(seed, KEPT_EVENTS);
    assertThat(outcome.isClean()).as(outcome::report).isTrue();
  }
}
