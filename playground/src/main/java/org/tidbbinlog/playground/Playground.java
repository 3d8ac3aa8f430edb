package org.tidbbinlog.playground;

import java.time.Duration;
import java.util.Optional;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.ClusterConnection;
import org.tidbbinlog.node.net.Tls;
import org.tidbbinlog.node.process.NodeProcess;
import org.tidbbinlog.playground.Snapshot.Phase;
import org.tidbbinlog.tools.compare.ComparisonReport;
import org.tidbbinlog.tools.stage.ServerNode;
import org.tidbbinlog.tools.stage.Stage;
import org.tidbbinlog.tools.terminal.Terminal;

/**
 * Runs one playground from start to end: nodes up, source on, view each second, and after a bounded
 * run the comparison of target and truth. A signal ends each of these in order. One owner thread.
 */
final class Playground {
  static final int INTERRUPTED = 130;
  private static final Duration POLL = Duration.ofMillis(100);
  private static final int POLLS_A_VIEW = 10;
  private static final int POLLS_A_START_VIEW = 2;
  private static final Duration START_LIMIT = Duration.ofMinutes(1);

  /** What is under way when the end is asked for is written to its end, but not for ever. */
  private static final Duration FINISH_LIMIT = Duration.ofSeconds(5);

  /** A Drainer that makes no progress for so long has failed. */
  private static final Duration STALL_LIMIT = Duration.ofMinutes(1);

  private final PlaygroundOptions options;
  private final Source source;
  private final Terminal terminal;
  private final LiveView view;
  private final NodeProcess process;
  private final Clock clock;
  private final Gauges gauges;

  Playground(
      PlaygroundOptions options,
      Source source,
      Terminal terminal,
      LiveView view,
      NodeProcess process,
      Clock clock,
      long startNs) {
    this.options = options;
    this.source = source;
    this.terminal = terminal;
    this.view = view;
    this.process = process;
    this.clock = clock;
    this.gauges = new Gauges(source, clock, startNs);
  }

  /** Runs it; the exit code. */
  int run() throws InterruptedException {
    Stage stage = source.stage();
    startNodes(stage);
    if (process.stopRequested()) {
      return stop(stage);
    }
    try (ClusterConnection cluster =
        ClusterConnection.open(stage.cluster().pdUrls(), Tls.plaintext(), clock)) {
      gauges.states(cluster.registry());
      if (!terminal.isInteractive()) {
        Signposts.lines(stage, options).forEach(line -> terminal.line("playground: " + line));
      }
      source.start();
      watch();
      return process.stopRequested() ? stop(stage) : judge(stage);
    }
  }

  private void startNodes(Stage stage) throws InterruptedException {
    for (int i = 0; i < options.pumps(); i++) {
      stage.startPump();
    }
    source.startDrainer();
    view.footer(Signposts.lines(stage, options));
    long begunNs = clock.nanoTime();
    for (int poll = 0; !isReady(stage) && !process.stopRequested(); poll++) {
      if (clock.nanoTime() - begunNs > START_LIMIT.toNanos()) {
        throw new OperatorException(
            "the nodes do not answer after %d s; see the logs in %s"
                .formatted(START_LIMIT.toSeconds(), options.dir()));
      }
      if (poll % POLLS_A_START_VIEW == 0) {
        view.redraw(gauges.read(Phase.STARTING));
      }
      clock.sleep(POLL);
    }
  }

  private static boolean isReady(Stage stage) throws InterruptedException {
    for (ServerNode node : stage.nodes()) {
      node.requireAlive();
      if (node.status().isEmpty()) {
        return false;
      }
    }
    return true;
  }

  /** Shows what happens until the source is finished and the target has all of it. */
  private void watch() throws InterruptedException {
    Tso seen = Tso.ZERO;
    long movedNs = clock.nanoTime();
    for (int poll = 0; !process.stopRequested(); poll++) {
      Tso applied = gauges.applied();
      boolean finished = source.isFinished();
      Phase phase = finished ? Phase.CATCHING_UP : Phase.RUNNING;
      if (finished && !applied.isBefore(source.lastCommitTs())) {
        view.show(gauges.read(phase));
        return;
      }
      requireProgress(finished && applied.equals(seen), movedNs);
      if (!finished || applied.isAfter(seen)) {
        seen = applied;
        movedNs = clock.nanoTime();
      }
      if (poll % POLLS_A_VIEW == 0) {
        view.show(gauges.read(phase));
      }
      clock.sleep(POLL);
    }
  }

  private void requireProgress(boolean stalled, long movedNs) {
    Stage stage = source.stage();
    stage.nodes().forEach(ServerNode::requireAlive);
    if (stalled && clock.nanoTime() - movedNs > STALL_LIMIT.toNanos()) {
      throw new OperatorException("the Drainer makes no progress; see " + stage.drainer().log());
    }
  }

  /** Ctrl-C: the source first, then Drainer and Pumps. */
  private int stop(Stage stage) throws InterruptedException {
    terminal.line("playground: stopping");
    source.finish();
    long begunNs = clock.nanoTime();
    while (!source.isFinished() && clock.nanoTime() - begunNs < FINISH_LIMIT.toNanos()) {
      clock.sleep(POLL);
    }
    Snapshot last = gauges.read(Phase.STOPPING);
    stage.stopNodes();
    terminal.line(
        "playground: stopped transactions=%d applied=%d rolledback=%d seconds=%.1f"
            .formatted(
                last.committed(),
                last.applied(),
                last.rolledBack(),
                last.running().toMillis() / 1000.0));
    if (options.run() == PlaygroundOptions.Run.ONCE) {
      terminal.line("playground: interrupted, so nothing was compared");
      return INTERRUPTED;
    }
    return 0;
  }

  /** Compares target and truth after a bounded run. */
  private int judge(Stage stage) throws InterruptedException {
    if (options.atEnd() == PlaygroundOptions.AtEnd.STOP) {
      view.redraw(gauges.read(Phase.STOPPING));
      stage.stopNodes();
    }
    Optional<ComparisonReport> report = source.compare();
    report.ifPresent(found -> found.differences().forEach(terminal::line));
    boolean equal = report.map(ComparisonReport::isEqual).orElse(true);
    terminal.line(
        "playground: %s tables=%d rows=%d transactions=%d seconds=%.1f%s"
            .formatted(
                equal ? "OK" : "DIFFERENT",
                report.map(ComparisonReport::tables).orElse(0),
                report.map(ComparisonReport::rows).orElse(0L),
                source.committed(),
                gauges.running().toMillis() / 1000.0,
                equal ? "" : " differences=" + report.orElseThrow().differenceCount()));
    if (options.atEnd() == PlaygroundOptions.AtEnd.KEEP) {
      terminal.line("playground: everything keeps running:");
      Signposts.lines(stage, options).forEach(line -> terminal.line("playground: " + line));
      process.awaitStop();
      terminal.line("playground: stopping");
      stage.stopNodes();
    }
    return equal ? 0 : 1;
  }
}
