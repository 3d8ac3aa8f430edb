package org.tidbbinlog.tools.replay;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.testkit.capture.Capture;
import org.tidbbinlog.tools.compare.ComparisonReport;
import org.tidbbinlog.tools.compare.TargetAddress;
import org.tidbbinlog.tools.stage.StageFolder;
import org.tidbbinlog.tools.terminal.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code replay}. Exit code 0 = all applied (and equal), 1 = not. */
@Command(
    name = "replay",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description =
        "Plays a recorded cluster through real Pump and Drainer processes: prewrites and commits as"
            + " TiDB sends them, spread over the Pumps, out of order as two-phase commit allows.",
    footer = {
      "",
      "Examples:",
      "  tidb-binlog replay captures/02-keys --expect final.tsv",
      "  tidb-binlog replay captures/04-txn --pumps 3 --expect final.tsv --keep",
      "  tidb-binlog replay captures/04-txn --expect final.tsv --syncer worker-count=32",
      "  tidb-binlog replay my-capture --target mysql://root:secret@10.0.0.5:3306"
    })
public final class ReplayCommand implements Callable<Integer> {
  private static final Duration PROGRESS_EVERY = Duration.ofSeconds(1);

  @Parameters(paramLabel = "CAPTURE_DIR", description = "folder that `capture` wrote")
  private Path capture = Path.of("");

  @Option(names = "--pumps", paramLabel = "N", description = "number of Pumps (default 1)")
  private int pumps = 1;

  @Option(
      names = "--target",
      paramLabel = "URL",
      description =
          "mysql://user:password@host:port of an existing target (default: an embedded MariaDB)")
  private Optional<String> target = Optional.empty();

  @Option(
      names = "--expect",
      paramLabel = "FILE",
      description =
          "compare the target with this file afterwards; a name without folder is looked for in the"
              + " capture too")
  private Optional<String> expect = Optional.empty();

  @Option(
      names = "--keep",
      description =
          "leave the target running afterwards and say how to connect; Ctrl-C ends it; data and logs"
              + " stay")
  private boolean keep;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description =
          "where data and logs go and stay (default: a temporary folder, removed after success)")
  private Optional<Path> dataDir = Optional.empty();

  @Option(names = "--writers", paramLabel = "N", description = "concurrent writers (default 16)")
  private int writers = 16;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "draws the order of records (default 1)")
  private long seed = 1;

  @Option(
      names = "--syncer",
      paramLabel = "KEY=VALUE",
      description =
          "a line of the Drainer's section [syncer], for example worker-count=32, txn-batch=500 or"
              + " safe-mode=true; may be given several times")
  private List<String> syncer = List.of();

  @Override
  public Integer call() throws InterruptedException {
    Terminal terminal = Terminal.standard();
    long startNs = System.nanoTime();
    requireSensible();
    try (StageFolder folder = StageFolder.open(dataDir, "tidb-binlog-replay-")) {
      int code = play(options(folder.path()), terminal, startNs);
      if (code == 0 && !keep) {
        folder.discard();
      }
      return code;
    }
  }

  private int play(ReplayOptions options, Terminal terminal, long startNs)
      throws InterruptedException {
    terminal.line("replay: data and logs in " + options.dir());
    Replay replay = Replay.open(options);
    Thread onEnd = new Thread(replay::close, "replay-end-1");
    Runtime.getRuntime().addShutdownHook(onEnd);
    try {
      return run(replay, terminal, startNs);
    } finally {
      try {
        Runtime.getRuntime().removeShutdownHook(onEnd);
        replay.close();
      } catch (IllegalStateException ending) {
        // Ctrl-C: the hook closes.
      }
    }
  }

  private int run(Replay replay, Terminal terminal, long startNs) throws InterruptedException {
    terminal.line(
        "replay: target %s, cluster id %s"
            .formatted(
                replay.stage().target(),
                Long.toUnsignedString(replay.stage().cluster().clusterId())));
    replay.start();
    long[] shownNs = {System.nanoTime()};
    replay.awaitApplied(
        r -> {
          if (System.nanoTime() - shownNs[0] > PROGRESS_EVERY.toNanos()) {
            shownNs[0] = System.nanoTime();
            terminal.line("replay: " + progress(r));
          }
        });
    replay.stage().stopNodes();
    Optional<ComparisonReport> report = replay.compare();
    boolean equal = report.map(ComparisonReport::isEqual).orElse(true);
    report.ifPresent(found -> found.differences().forEach(terminal::line));
    terminal.line(
        "replay: %s capture=%s pumps=%d transactions=%d %sseconds=%.1f"
            .formatted(
                equal ? "OK" : "DIFFERENT",
                capture.toAbsolutePath().normalize().getFileName(),
                pumps,
                replay.written(),
                report.map(ReplayCommand::counts).orElse(""),
                (System.nanoTime() - startNs) / 1e9));
    if (keep) {
      terminal.line("replay: the target keeps running: " + replay.stage().target().mysqlCommand());
      terminal.line("replay: Ctrl-C ends it");
      Thread.currentThread().join();
    }
    return equal ? 0 : 1;
  }

  private static String progress(Replay replay) {
    try {
      return replay.progress();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "interrupted";
    }
  }

  private static String counts(ComparisonReport report) {
    return "tables=%d rows=%d differences=%d "
        .formatted(report.tables(), report.rows(), report.differenceCount());
  }

  private void requireSensible() {
    if (pumps < 1 || writers < 1) {
      throw new OperatorException("--pumps and --writers must be at least 1");
    }
  }

  private ReplayOptions options(Path dir) {
    return new ReplayOptions(
        capture, pumps, writers, target.map(TargetAddress::parse), truth(), dir, 0, seed, syncer);
  }

  private Optional<Path> truth() {
    if (expect.isEmpty()) {
      return Optional.empty();
    }
    Path asGiven = Path.of(expect.get());
    if (!Files.exists(asGiven) && asGiven.getNameCount() == 1) {
      Path inCapture = Capture.open(capture).folder().resolve(asGiven);
      if (Files.exists(inCapture)) {
        return Optional.of(inCapture);
      }
    }
    return Optional.of(asGiven);
  }
}
