package org.tidbbinlog.tools.soak;

import java.util.Optional;
import org.tidbbinlog.base.Clock;
import picocli.CommandLine.Option;

/** Which seeds a command takes, and for how long. */
public final class SoakOptions {
  private static final int DEFAULT_SEEDS = 100;
  private static final double NANOS_A_MINUTE = 60e9;

  @Option(names = "--seeds", paramLabel = "N", description = "how many seeds (default 100)")
  private Optional<Integer> seeds = Optional.empty();

  @Option(
      names = "--minutes",
      paramLabel = "M",
      description = "begin no new seed after this time; without --seeds, as many as fit")
  private Optional<Double> minutes = Optional.empty();

  @Option(
      names = "--from",
      paramLabel = "S",
      description = "first seed (default 1; with --minutes alone, taken from the clock)")
  private Optional<Long> from = Optional.empty();

  /** Some seeds and some time. */
  public boolean makeSense() {
    return seeds.orElse(1) >= 1 && minutes.orElse(1.0) > 0;
  }

  /** What they say. */
  public SoakPlan plan(Clock clock) {
    boolean endless = seeds.isEmpty() && minutes.isPresent();
    long count = endless ? Long.MAX_VALUE : seeds.orElse(DEFAULT_SEEDS);
    long first = from.orElseGet(() -> endless ? clock.now().toEpochMilli() * 1000 : 1);
    return new SoakPlan(first, count, limitNs());
  }

  /** This seed and no other, whatever else is said of seeds. */
  public SoakPlan planOf(long seed) {
    return new SoakPlan(seed, 1, limitNs());
  }

  private long limitNs() {
    return minutes.map(m -> (long) (m * NANOS_A_MINUTE)).orElse(Long.MAX_VALUE);
  }
}
