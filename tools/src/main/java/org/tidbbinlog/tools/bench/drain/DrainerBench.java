package org.tidbbinlog.tools.bench.drain;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings;
import org.tidbbinlog.testkit.ClusterDouble;
import org.tidbbinlog.testkit.capture.Capture;
import org.tidbbinlog.tools.bench.LocalPump;
import org.tidbbinlog.tools.compare.TargetAddress;
import org.tidbbinlog.tools.stage.StageFolder;
import org.tidbbinlog.tools.terminal.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The command {@code bench drainer}. Exit code 0 = the target is as it must be, 1 = not. */
@Command(
    name = "drainer",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description = {
      "Loads a Pump, then starts a Drainer on an empty target and times it: from the start of its"
          + " process to its first pull, and from there to the last row in the target. Then"
          + " compares the target with what it must be.",
      "PD and TiKV are doubles in this process; Pump, Drainer and target are processes of their"
          + " own."
    },
    footer = {
      "",
      "Examples:",
      "  tidb-binlog bench drainer --generate mixed",
      "  tidb-binlog bench drainer --capture captures/04-txn --ceiling",
      "  tidb-binlog bench drainer --capture my-capture --ceiling --original /opt/drainer \\",
      "      --runs 3 --json",
      "  tidb-binlog bench drainer --generate hot-row --target mysql://root@127.0.0.1:3306",
      "  tidb-binlog bench drainer --latency",
      "  tidb-binlog bench drainer --latency --rate 5000"
    })
public final class DrainerBench implements Callable<Integer> {
  @Mixin private DrainerBenchOptions options = new DrainerBenchOptions();

  @Override
  public Integer call() throws InterruptedException {
    options.requireSense();
    Terminal progress = Terminal.plain(System.err);
    try (StageFolder folder = StageFolder.open(options.dataDir, "tidb-binlog-bench-")) {
      progress.line("bench: data and logs in " + folder.path());
      boolean good = run(folder.path().resolve("bench"), progress);
      if (good) {
        folder.discard();
      }
      return good ? 0 : 1;
    }
  }

  private boolean run(Path dir, Terminal progress) throws InterruptedException {
    try (TargetServer target =
        TargetServer.open(dir, options.target.map(TargetAddress::parse), options.targetPid)) {
      return options.latency ? latency(dir, target) : drain(dir, target, progress);
    }
  }

  /** What was captured lies in the past: no garbage collection, and heartbeats every second. */
  private static LocalPump pump(ClusterDouble cluster, Path dir) throws InterruptedException {
    return LocalPump.start(cluster, dir.resolve("pump"), "-gc=36500", "-fake-binlog-interval=1");
  }

  private boolean latency(Path dir, TargetServer target) throws InterruptedException {
    try (LocalPump pump = pump(ClusterDouble.start(), dir)) {
      LatencyRun.Result result = LatencyRun.measure(options, dir, pump, target);
      System.out.println(options.json ? result.json() : result.text());
      return true;
    }
  }

  private boolean drain(Path dir, TargetServer target, Terminal progress)
      throws InterruptedException {
    Capture capture =
        options.profile.isPresent()
            ? options.profile.get().write(dir.resolve("load"), options.scale)
            : Capture.open(options.capture.orElseThrow());
    ClusterDouble cluster = ClusterDouble.start();
    Tso from = Load.prepare(capture, cluster);
    try (LocalPump pump = pump(cluster, dir)) {
      long beginNs = System.nanoTime();
      Load load = Load.write(capture, from, cluster);
      progress.line(
          "bench: %,d transactions loaded in %.1f s"
              .formatted(load.transactions(), (System.nanoTime() - beginNs) / 1e9));
      DrainReport report = measure(capture, pump, target, load, dir, progress);
      System.out.println(options.json ? report.json() : report.text());
      return report.isEqual();
    }
  }

  private DrainReport measure(
      Capture capture, LocalPump pump, TargetServer target, Load load, Path dir, Terminal progress)
      throws InterruptedException {
    Drain drain = new Drain(pump, target, Duration.ofSeconds(options.limitSeconds));
    List<Drain.Result> drains = new ArrayList<>();
    List<Ceiling.Result> ceilings = new ArrayList<>();
    String version = "";
    for (int run = 1; run <= options.runs; run++) {
      for (Candidate candidate : candidates()) {
        target.renew();
        version = target.version();
        String name = candidate.nodeId + "-" + run;
        Drain.Result result =
            drain.run(
                candidate.who,
                plan(candidate, name, dir, pump, target, load),
                Optional.of(capture));
        drains.add(result);
        progress.line("bench: %s %.2f s".formatted(candidate.who, result.seconds()));
      }
      if (options.ceiling) {
        Ceiling.Result result = ceiling(drain, capture, pump, target, load, dir.resolve("r" + run));
        ceilings.add(result);
        progress.line("bench: ceiling %.2f s".formatted(result.seconds()));
      }
    }
    String name = options.profile.map(Profile::toString).orElseGet(capture::name);
    return new DrainReport(
        name, version, options.workers, options.txnBatch, load, drains, ceilings);
  }

  /** Who is measured. */
  private record Candidate(String who, String nodeId, Optional<Path> program, String javaOptions) {}

  private List<Candidate> candidates() {
    List<Candidate> candidates = new ArrayList<>();
    options.original.ifPresent(
        file ->
            candidates.add(new Candidate(DrainReport.ORIGINAL, "original", Optional.of(file), "")));
    for (int i = 0; i < options.javaOptions.size(); i++) {
      String flags = options.javaOptions.get(i);
      String who = i == 0 ? DrainReport.OURS : DrainReport.OURS + " with " + flags;
      candidates.add(new Candidate(who, "ours-" + (i + 1), Optional.empty(), flags));
    }
    return candidates;
  }

  private DrainerProcess.Plan plan(
      Candidate candidate, String name, Path dir, LocalPump pump, TargetServer target, Load load) {
    return new DrainerProcess.Plan(
        candidate.program,
        name,
        dir,
        pump.cluster().pdUrls(),
        target.address(),
        load.from(),
        options.workers,
        options.txnBatch,
        candidate.javaOptions);
  }

  private Ceiling.Result ceiling(
      Drain drain, Capture capture, LocalPump pump, TargetServer target, Load load, Path dir)
      throws InterruptedException {
    target.renew();
    MysqlTargetSettings settings =
        RecordingRun.settings(target.address(), options.workers, options.txnBatch);
    Recording recording =
        RecordingRun.record(
            pump.cluster().pdUrls(),
            settings,
            load.from(),
            dir,
            Duration.ofSeconds(options.limitSeconds));
    return Ceiling.measure(recording, target, settings).with(drain.compare(capture));
  }
}
