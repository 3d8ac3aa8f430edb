package org.tidbbinlog.tools.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.tidbbinlog.tools.terminal.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The command {@code bench pump}. */
@Command(
    name = "pump",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description = {
      "Writes transactions to a Pump as TiDB does: a Prewrite with a value of S bytes, then a Commit"
          + " with a later timestamp. Then pulls them back from the start timestamp and checks order,"
          + " count and content.",
      "It speaks only the wire protocol, so it measures an original Pump just as well."
    },
    footer = {
      "",
      "Examples:",
      "  tidb-binlog bench pump --local --concurrency 16 --pull",
      "  tidb-binlog bench pump --target 127.0.0.1:8250 --cluster-id 7000000000000000001 \\",
      "      --concurrency 256 --connections 4 --pull --json",
      "  tidb-binlog bench pump --local --value-size 1024 --transactions 100000000 \\",
      "      --seconds 600"
    })
final class PumpBench implements Callable<Integer> {
  @Mixin private PumpBenchOptions options = new PumpBenchOptions();

  @Override
  public Integer call() throws InterruptedException {
    options.requireSense();
    Terminal progress = Terminal.plain(System.err);
    PumpReport report = options.local ? local(progress) : remote(progress);
    System.out.println(options.json ? report.json() : report.text());
    return 0;
  }

  private PumpReport remote(Terminal progress) throws InterruptedException {
    long clusterId = Long.parseUnsignedLong(options.clusterId.orElseThrow());
    try (PumpRun run =
        new PumpRun(options, options.target.orElseThrow(), clusterId, options.pid, progress)) {
      return run.run();
    }
  }

  private PumpReport local(Terminal progress) throws InterruptedException {
    Path dir = options.dataDir.orElseGet(PumpBench::temporary);
    try (LocalPump pump = LocalPump.start(dir, options.javaOptions)) {
      progress.line("bench: Pump at " + pump.address() + ", data and logs in " + dir);
      PumpReport report;
      try (PumpRun run =
          new PumpRun(options, pump.address(), pump.clusterId(), pump.pid(), progress)) {
        report = run.run();
      }
      return options.restart ? report.with(restart(pump)) : report;
    } finally {
      if (options.dataDir.isEmpty()) {
        delete(dir);
      }
    }
  }

  private static Restart restart(LocalPump pump) throws InterruptedException {
    long logBytes = pump.logBytes();
    double startSeconds = pump.crashAndRestart().toNanos() / 1e9;
    double stopSeconds = pump.stop().toNanos() / 1e9;
    return new Restart(logBytes, startSeconds, stopSeconds);
  }

  private static Path temporary() {
    try {
      return Files.createTempDirectory("tidb-binlog-bench");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path dir) {
    try (Stream<Path> files = Files.walk(dir)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * How a Pump came back.
   *
   * @param startSeconds from starting the killed one's successor to its being online
   * @param stopSeconds from SIGTERM to the end of the process
   */
  record Restart(long logBytes, double startSeconds, double stopSeconds) {}
}
