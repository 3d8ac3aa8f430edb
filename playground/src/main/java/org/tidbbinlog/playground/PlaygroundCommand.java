package org.tidbbinlog.playground;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.testkit.capture.Capture;
import org.tidbbinlog.tools.replay.ReplayOptions;
import org.tidbbinlog.tools.terminal.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code playground}. Exit code 0 = equal or stopped, 1 = not. */
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
  private static final int STOP_SECONDS = 30;

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
      description = "where data and logs go (default: a new temporary folder)")
  private Optional<Path> dataDir = Optional.empty();

  @Option(
      names = "--transactions",
      paramLabel = "N",
      description = "with --once: how many to generate (default: six seconds' worth)")
  private long transactions;

  @Option(names = "--seed", paramLabel = "N", description = "of the generator (default 1)")
  private long seed = 1;

  @Override
  public Integer call() throws InterruptedException {
    PlaygroundOptions options = options();
    Terminal terminal = Terminal.standard();
    terminal.line("playground: starting a cluster");
    Source source = open(options);
    Playground playground = new Playground(options, source, terminal, Clock.system());
    CountDownLatch ended = new CountDownLatch(1);
    Thread onSignal = new Thread(() -> stop(playground, ended), "playground-signal-1");
    Runtime.getRuntime().addShutdownHook(onSignal);
    try {
      return playground.run();
    } finally {
      source.close();
      ended.countDown();
    }
  }

  /** Ctrl-C: asks for the end and waits for it, so that nothing is left behind. */
  private static void stop(Playground playground, CountDownLatch ended) {
    playground.requestStop();
    try {
      if (!ended.await(STOP_SECONDS, TimeUnit.SECONDS)) {
        System.err.println("playground: did not stop in time");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
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
        options.seed());
  }

  private PlaygroundOptions options() {
    if (pumps < 1 || rate < 1) {
      throw new OperatorException("--pumps and --rate must be at least 1");
    }
    try {
      Path dir =
          dataDir.isPresent()
              ? Files.createDirectories(dataDir.get()).toAbsolutePath()
              : Files.createTempDirectory("tidb-binlog-playground-");
      return new PlaygroundOptions(
          pumps,
          rate,
          once ? PlaygroundOptions.Run.ONCE : PlaygroundOptions.Run.UNTIL_STOPPED,
          keep ? PlaygroundOptions.AtEnd.KEEP : PlaygroundOptions.AtEnd.STOP,
          capture,
          dir,
          portBase,
          transactions > 0 ? transactions : (long) rate * SECONDS_OF_ONCE,
          seed);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
