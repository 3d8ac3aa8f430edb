package org.tidbbinlog.sim;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.node.log.Logging;
import org.tidbbinlog.tools.terminal.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code simulate}. Exit code 0 = every seed was clean, 1 = a promise was broken. */
@Command(
    name = "simulate",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description =
        "Runs Pumps, a merger and a model of TiDB in one process on a simulated clock, disk and"
            + " network. A seed decides everything that happens and everything that goes wrong;"
            + " the invariants I1 to I4, I6, I8 and I9 are checked after every event. The same seed"
            + " is the same run, event by event.",
    footer = {
      "",
      "Examples:",
      "  tidb-binlog simulate --seeds 200",
      "  tidb-binlog simulate --minutes 10 --jobs 2",
      "  tidb-binlog simulate --seed 4711 --events 500"
    })
public final class SimulateCommand implements Callable<Integer> {
  private static final Duration LOOK_EVERY = Duration.ofMillis(200);
  private static final Duration PROGRESS_EVERY = Duration.ofSeconds(5);
  private static final int DEFAULT_SEEDS = 100;

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

  @Option(names = "--seed", paramLabel = "S", description = "replay this one seed")
  private Optional<Long> seed = Optional.empty();

  @Option(
      names = "--events",
      paramLabel = "N",
      description = "how many of the last events a failure or a replay shows (default 80)")
  private int events = 80;

  @Option(names = "--jobs", paramLabel = "N", description = "seeds at a time (default 1)")
  private int jobs = 1;

  @Option(names = "--json", description = "one line of JSON at the end instead of words")
  private boolean json;

  private final Clock clock = Clock.system();
  private long shownNs = clock.nanoTime();

  @Override
  public Integer call() throws InterruptedException {
    if (jobs < 1 || events < 1 || seeds.orElse(1) < 1 || minutes.orElse(1.0) <= 0) {
      throw new OperatorException(
          "--seeds, --jobs and --events must be at least 1, --minutes above 0");
    }
    // What the nodes complain of in there is the simulator's own doing.
    Logging.configure("fatal");
    try (Terminal terminal = Terminal.standard()) {
      return seed.isPresent() ? replay(seed.get(), terminal) : soak(terminal);
    }
  }

  private int replay(long number, Terminal terminal) {
    Simulation.Outcome outcome = Simulation.run(number, events);
    if (json) {
      terminal.line(SimulationSummary.of(outcome, clock).json());
    } else if (outcome.isClean()) {
      outcome.tail().forEach(line -> terminal.line("    " + line));
      terminal.line(
          "simulate: OK seed=%d transactions=%d events=%d hash=%s"
              .formatted(number, outcome.transactions(), outcome.events(), outcome.hash()));
    } else {
      terminal.line(outcome.report());
    }
    return outcome.isClean() ? 0 : 1;
  }

  private void show(SimulationSummary summary, Terminal terminal) {
    if (clock.nanoTime() - shownNs > PROGRESS_EVERY.toNanos()) {
      shownNs = clock.nanoTime();
      terminal.line(summary.line());
    }
  }

  private int soak(Terminal terminal) throws InterruptedException {
    long count =
        seeds.map(Integer::longValue).orElse(minutes.isPresent() ? Long.MAX_VALUE : DEFAULT_SEEDS);
    long first =
        from.orElseGet(() -> count == Long.MAX_VALUE ? clock.now().toEpochMilli() * 1000 : 1);
    long limitNs = minutes.map(m -> (long) (m * 60e9)).orElse(Long.MAX_VALUE);
    SimulationSummary summary = new SimulationSummary(clock);
    try (SeedRunners runners = new SeedRunners(first, count, jobs, events, summary)) {
      boolean stopping = false;
      while (!runners.await(LOOK_EVERY)) {
        if (!stopping && summary.elapsedNs() > limitNs) {
          runners.stop();
          stopping = true;
        }
        if (!json) {
          show(summary, terminal);
        }
      }
    }
    if (json) {
      terminal.line(summary.json());
    } else {
      summary.failures().forEach(failure -> terminal.line(failure.report()));
      terminal.line(
          "simulate: %s from=%d %s"
              .formatted(summary.failures().isEmpty() ? "OK" : "BROKEN", first, summary.totals()));
    }
    return summary.failures().isEmpty() ? 0 : 1;
  }
}
