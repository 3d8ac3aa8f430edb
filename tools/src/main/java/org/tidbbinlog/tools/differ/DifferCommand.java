package org.tidbbinlog.tools.differ;

import java.util.Optional;
import java.util.concurrent.Callable;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.node.log.Logging;
import org.tidbbinlog.tools.compare.TargetAddress;
import org.tidbbinlog.tools.soak.Soak;
import org.tidbbinlog.tools.soak.SoakOptions;
import org.tidbbinlog.tools.soak.SoakPlan;
import org.tidbbinlog.tools.terminal.ProgressLine;
import org.tidbbinlog.tools.terminal.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code differ}. Exit code 0 = every case was equal, 1 = a difference. */
@Command(
    name = "differ",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description =
        "Looks for differences between what a Drainer makes of binlogs and what they say. Each seed"
            + " is a case: made-up tables of every type and form of key, transactions and DDL in"
            + " TiDB's exact bytes, through translation and the sink into a real server, with its"
            + " own number of workers, batch size and modes, torn down and resumed on the way. In"
            + " the end every table must equal the model that made the load.",
    footer = {
      "",
      "Examples:",
      "  tidb-binlog differ --seeds 500",
      "  tidb-binlog differ --minutes 60 --jobs 2",
      "  tidb-binlog differ --seed 4711",
      "  tidb-binlog differ --seeds 200 --target mysql://root:secret@127.0.0.1:3306"
    })
public final class DifferCommand implements Callable<Integer> {
  @Mixin private SoakOptions soak = new SoakOptions();

  @Option(names = "--seed", paramLabel = "S", description = "run this one seed again")
  private Optional<Long> seed = Optional.empty();

  @Option(
      names = "--jobs",
      paramLabel = "N",
      description = "seeds at a time, each on a MariaDB of its own (default 1)")
  private int jobs = 1;

  @Option(
      names = "--target",
      paramLabel = "URL",
      description =
          "a server to use instead of our own MariaDB, as mysql://user:password@host:port; the"
              + " databases db_1, db_2, … there are dropped")
  private Optional<String> target = Optional.empty();

  @Option(
      names = "--show-log",
      description = "let the sink's own log lines through; by default only differences are told")
  private boolean showLog;

  private final Clock clock = Clock.system();
  private int told;

  @Override
  public Integer call() throws InterruptedException {
    if (jobs < 1 || !soak.makeSense()) {
      throw new OperatorException("--seeds and --jobs must be at least 1, --minutes above 0");
    }
    if (target.isPresent() && jobs > 1) {
      throw new OperatorException("--target is one server: --jobs must be 1");
    }
    Logging.configure(showLog ? "info" : "fatal");
    try (Terminal terminal = Terminal.standard()) {
      return run(seed.map(soak::planOf).orElseGet(() -> soak.plan(clock)), terminal);
    }
  }

  private int run(SoakPlan plan, Terminal terminal) throws InterruptedException {
    Optional<TargetAddress> address = target.map(TargetAddress::parse);
    DifferSummary summary = new DifferSummary(clock);
    ProgressLine progress = new ProgressLine(terminal, clock, () -> "differ: " + summary.totals());
    Runnable look =
        () -> {
          tellFailures(summary, terminal);
          progress.maybeTell();
        };
    new Soak(plan, jobs, "differ-run", clock).run(() -> CaseWorker.open(address, summary), look);
    look.run();
    terminal.line(
        "differ: %s from=%d %s"
            .formatted(summary.isClean() ? "EQUAL" : "DIFFERENT", plan.first(), summary.totals()));
    return summary.isClean() ? 0 : 1;
  }

  /** Each difference as soon as it is found. */
  private void tellFailures(DifferSummary summary, Terminal terminal) {
    for (CaseOutcome failure : summary.failuresFrom(told)) {
      terminal.line(failure.report());
      told++;
    }
  }
}
