package org.tidbbinlog.tools.differ;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.node.log.Logging;
import org.tidbbinlog.tools.compare.TargetAddress;
import org.tidbbinlog.tools.terminal.Terminal;
import picocli.CommandLine.Command;
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
  private long shownNs = clock.nanoTime();

  @Override
  public Integer call() throws InterruptedException, SQLException {
    if (jobs < 1 || seeds.orElse(1) < 1 || minutes.orElse(1.0) <= 0) {
      throw new OperatorException("--seeds and --jobs must be at least 1, --minutes above 0");
    }
    if (target.isPresent() && jobs > 1) {
      throw new OperatorException("--target is one server: --jobs must be 1");
    }
    Logging.configure(showLog ? "info" : "fatal");
    try (Terminal terminal = Terminal.standard()) {
      long count =
          seed.isPresent()
              ? 1
              : seeds
                  .map(Integer::longValue)
                  .orElse(minutes.isPresent() ? Long.MAX_VALUE : DEFAULT_SEEDS);
      long first = seed.or(() -> from).orElseGet(() -> firstSeed(count));
      return soak(first, count, terminal);
    }
  }

  private long firstSeed(long count) {
    return count == Long.MAX_VALUE ? clock.now().toEpochMilli() * 1000 : 1;
  }

  private int soak(long first, long count, Terminal terminal)
      throws InterruptedException, SQLException {
    long limitNs = minutes.map(m -> (long) (m * 60e9)).orElse(Long.MAX_VALUE);
    DifferSummary summary = new DifferSummary(clock);
    int told = 0;
    try (CaseRunners runners =
        new CaseRunners(first, count, jobs, target.map(TargetAddress::parse), summary)) {
      boolean stopping = false;
      boolean ended = false;
      while (!ended) {
        ended = runners.await(LOOK_EVERY);
        if (!stopping && summary.elapsedNs() > limitNs) {
          runners.stop();
          stopping = true;
        }
        told = tell(summary, told, terminal);
      }
    }
    terminal.line(
        "differ: %s from=%d %s"
            .formatted(summary.isClean() ? "EQUAL" : "DIFFERENT", first, summary.totals()));
    return summary.isClean() ? 0 : 1;
  }

  /** Each difference as soon as it is found, and now and then how far we are. */
  private int tell(DifferSummary summary, int told, Terminal terminal) {
    int now = told;
    for (CaseOutcome failure : summary.failuresFrom(told)) {
      terminal.line(failure.report());
      now++;
    }
    if (clock.nanoTime() - shownNs > PROGRESS_EVERY.toNanos()) {
      shownNs = clock.nanoTime();
      terminal.line("differ: " + summary.totals());
    }
    return now;
  }
}
