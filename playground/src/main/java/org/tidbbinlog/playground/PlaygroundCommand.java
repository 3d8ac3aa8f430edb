package org.tidbbinlog.playground;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.node.log.LogRotation;
import org.tidbbinlog.node.log.Logging;
import org.tidbbinlog.node.process.NodeProcess;
import org.tidbbinlog.testkit.capture.Capture;
import org.tidbbinlog.tools.replay.ReplayOptions;
import org.tidbbinlog.tools.stage.Stage;
import org.tidbbinlog.tools.stage.StageFolder;
import org.tidbbinlog.tools.terminal.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code playground}. Exit code 0 = equal or stopped, 1 = not, 130 = interrupted. */
@Command(
    name = "playground",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description =
        "A whole cluster on this machine in one command: stand-ins for TiDB, PD and TiKV, real Pumps,"
            + " a real Drainer and a real MariaDB. Watch transactions arrive.",
    footer = {
      "",
      "Examples:",
      "  tidb-binlog playground",
      "  tidb-binlog playground --once",
      "  tidb-binlog playground --pumps 3 --rate 500 --port-base 18200",
      "  tidb-binlog playground --once --capture captures/03-ddl --keep"
    })
final class PlaygroundCommand implements Callable<Integer> {
  private static final int SECONDS_OF_ONCE = 6;

  private final NodeProcess process;

  @Option(names = "--pumps", paramLabel = "N", description = "number of Pumps (default 2)")
  private int pumps = 2;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "transactions a second that the generator aims at (default 200)")
  private int rate = 200;

  @Option(
      names = "--once",
      description = "a bounded run: generate, wait, compare target and truth, exit 0 when equal")
  private boolean once;

  @Option(
      names = "--capture",
      paramLabel = "DIR",
      description = "play a recorded cluster instead of the generator")
  private Optional<Path> capture = Optional.empty();

  @Option(names = "--keep", description = "with --once: leave everything running afterwards")
  private boolean keep;

  @Option(
      names = "--port-base",
      paramLabel = "N",
      description =
          "PD at N, TiKV N+1, target N+2, Drainer N+9, Pumps from N+10 (default: free ones)")
  private int portBase;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description =
          "where data and logs go and stay (default: a temporary folder, removed after success)")
  private Optional<Path> dataDir = Optional.empty();

  @Option(
      names = "--transactions",
      paramLabel = "N",
      description = "with --once: how many to generate (default: six seconds' worth)")
  private long transactions;

  @Option(names = "--seed", paramLabel = "N", description = "of the generator (default 1)")
  private long seed = 1;

  /** Signals reach it through {@code process}. */
  PlaygroundCommand(NodeProcess process) {
    this.process = process;
  }

  @Override
  public Integer call() throws InterruptedException {
    requireSensible();
    try (StageFolder folder = StageFolder.open(dataDir, "tidb-binlog-playground-");
        Terminal terminal = Terminal.standard()) {
      Path log = folder.path().resolve("tidb-binlog.log");
      Logging.configure("warn", log.toString(), LogRotation.SIZE_ONLY);
      if (folder.startsAnew()) {
        terminal.line("playground: what an earlier run left in " + folder.path() + " is removed");
      }
      int code = 1;
      try {
        code = play(options(folder.path()), terminal);
      } finally {
        boolean inOrder = code == 0 || code == Playground.INTERRUPTED;
        if (inOrder && !keep && !folder.isNamed()) {
          folder.discard();
        } else {
          terminal.line("playground: data and logs stay in " + folder.path());
        }
      }
      return code;
    }
  }

  private int play(PlaygroundOptions options, Terminal terminal) throws InterruptedException {
    Clock clock = Clock.system();
    long startNs = clock.nanoTime();
    terminal.line("playground: starting PD, TiKV and MariaDB");
    try (Source source = open(options)) {
      source.stage().outliveSignals();
      LiveView view = new LiveView(terminal);
      return new Playground(options, source, terminal, view, process, clock, startNs).run();
    } catch (OperatorException e) {
      if (!process.stopRequested()) {
        throw e;
      }
      terminal.line("playground: interrupted: " + e.getMessage());
      return Playground.INTERRUPTED;
    }
  }

  private static Source open(PlaygroundOptions options) {
    return options
        .capture()
        .map(folder -> (Source) CapturedSource.open(replayOptions(options, folder)))
        .orElseGet(() -> GeneratedSource.open(options));
  }

  private static ReplayOptions replayOptions(PlaygroundOptions options, Path folder) {
    return new ReplayOptions(
        folder,
        options.pumps(),
        16,
        Optional.empty(),
        Capture.open(folder).truth(),
        options.dir(),
        options.portBase(),
        options.seed(),
        List.of());
  }

  private void requireSensible() {
    if (pumps < 1 || rate < 1 || transactions < 0) {
      throw new OperatorException("--pumps, --rate and --transactions must be at least 1");
    }
    capture.ifPresent(Capture::open);
    Stage.requireFree(portBase, pumps);
  }

  private PlaygroundOptions options(Path dir) {
    return new PlaygroundOptions(
        pumps,
        rate,
        once ? PlaygroundOptions.Run.ONCE : PlaygroundOptions.Run.UNTIL_STOPPED,
        keep && once ? PlaygroundOptions.AtEnd.KEEP : PlaygroundOptions.AtEnd.STOP,
        capture,
        dir,
        portBase,
        transactions > 0 ? transactions : (long) rate * SECONDS_OF_ONCE,
        seed);
  }
}
