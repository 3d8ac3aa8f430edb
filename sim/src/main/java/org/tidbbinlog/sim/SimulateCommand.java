package org.tidbbinlog.sim;

import java.util.Optional;
import java.util.concurrent.Callable;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.node.log.Logging;
import org.tidbbinlog.tools.soak.SeedWorker;
import org.tidbbinlog.tools.soak.Soak;
import org.tidbbinlog.tools.soak.SoakOptions;
import org.tidbbinlog.tools.soak.SoakPlan;
import org.tidbbinlog.tools.terminal.ProgressLine;
import org.tidbbinlog.tools.terminal.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
  /** A soak that fails everywhere need not go on. */
  private static final int MOST_FAILURES = 20;

  @Mixin private SoakOptions soak = new SoakOptions();

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

  @Override
  public Integer call() throws InterruptedException {
    if (jobs < 1 || events < 1 || !soak.makeSense()) {
      throw new OperatorException(
          "--seeds, --jobs and --events must be at least 1, --minutes above 0");
    }
    // What the nodes complain of in there is the simulator's own doing.
    Logging.configure("fatal");
    try (Terminal terminal = Terminal.standard()) {
      return seed.isPresent() ? replay(seed.get(), terminal) : run(soak.plan(clock), terminal);
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

  private int run(SoakPlan plan, Terminal terminal) throws InterruptedException {
    SimulationSummary summary = new SimulationSummary(clock);
    ProgressLine progress = new ProgressLine(terminal, clock, summary::line);
    new Soak(plan, jobs, "sim-run", clock)
        .run(() -> worker(summary), json ? () -> {} : progress::maybeTell);
    if (json) {
      terminal.line(summary.json());
    } else {
      summary.failures().forEach(failure -> terminal.line(failure.report()));
      terminal.line(
          "simulate: %s from=%d %s"
              .formatted(
                  summary.failures().isEmpty() ? "OK" : "BROKEN", plan.first(), summary.totals()));
    }
    return summary.failures().isEmpty() ? 0 : 1;
  }

  private SeedWorker worker(SimulationSummary summary) {
    return number -> {
      summary.add(Simulation.run(number, events));
      return summary.failures().size() < MOST_FAILURES;
    };
  }
}
