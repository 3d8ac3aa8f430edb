package org.tidbbinlog.playground;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.ClusterConnection;
import org.tidbbinlog.cluster.registry.NodeKind;
import org.tidbbinlog.cluster.registry.NodeRegistry;
import org.tidbbinlog.cluster.registry.NodeStatus;
import org.tidbbinlog.node.net.Tls;
import org.tidbbinlog.tools.compare.ComparisonReport;
import org.tidbbinlog.tools.stage.ServerNode;
import org.tidbbinlog.tools.stage.Stage;
import org.tidbbinlog.tools.terminal.Terminal;

/**
 * Runs one playground from start to end: cluster up, source on, view each second, and after a
 * bounded run the comparison of target and truth. One owner thread; {@link #requestStop} may be
 * called by others.
 */
final class Playground {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final int POLLS_A_VIEW = 5;

  /** A Drainer that makes no progress for so long has failed. */
  private static final Duration STALL_LIMIT = Duration.ofMinutes(1);

  private final PlaygroundOptions options;
  private final Source source;
  private final Terminal terminal;
  private final LiveView view;
  private final Clock clock;
  private final long startNs;
  private volatile boolean stopRequested;
  private long shownNs;
  private long shownCommitted;
  private long shownApplied;

  Playground(PlaygroundOptions options, Source source, Terminal terminal, Clock clock) {
    this.options = options;
    this.source = source;
    this.terminal = terminal;
    this.view = new LiveView(terminal);
    this.clock = clock;
    this.startNs = clock.nanoTime();
    this.shownNs = startNs;
  }

  /** Ends the run after what is under way. */
  void requestStop() {
    stopRequested = true;
  }

  /** Runs it; the exit code. */
  int run() throws InterruptedException {
    Stage stage = source.stage();
    startNodes(stage);
    try (ClusterConnection cluster =
        ClusterConnection.open(stage.cluster().pdUrls(), Tls.plaintext(), clock)) {
      announce(stage);
      source.start();
      watch(cluster.registry());
      if (stopRequested && options.run() == PlaygroundOptions.Run.UNTIL_STOPPED) {
        terminal.line("playground: stopping");
        stage.stopNodes();
        return 0;
      }
    }
    return judge();
  }

  private void startNodes(Stage stage) throws InterruptedException {
    for (int i = 0; i < options.pumps(); i++) {
      stage.startPump();
    }
    source.startDrainer();
    for (ServerNode pump : stage.pumps()) {
      pump.awaitReady();
    }
    stage.drainer().awaitReady();
  }

  private void announce(Stage stage) {
    terminal.line("playground: data and logs in " + options.dir());
    terminal.line("playground: PD            " + String.join(",", stage.cluster().pdUrls()));
    for (ServerNode pump : stage.pumps()) {
      terminal.line(
          "playground: " + pump.nodeId() + "        curl http://" + pump.address() + "/status");
    }
    terminal.line("playground: drainer-1     curl http://" + stage.drainer().address() + "/status");
    terminal.line("playground: target        " + stage.target().mysqlCommand());
    if (options.run() == PlaygroundOptions.Run.UNTIL_STOPPED) {
      terminal.line("playground: Ctrl-C ends it all");
    }
  }

  /** Shows what happens until the source is finished and the target has all of it. */
  private void watch(NodeRegistry registry) throws InterruptedException {
    Tso seen = Tso.ZERO;
    long movedNs = clock.nanoTime();
    for (int poll = 0; ; poll++) {
      Tso checkpoint = source.stage().drainer().checkpoint();
      boolean finished = source.isFinished();
      if (finished && !checkpoint.isBefore(source.lastCommitTs())) {
        show(registry, checkpoint);
        return;
      }
      requireProgress(finished && checkpoint.equals(seen), movedNs);
      if (!finished || checkpoint.isAfter(seen)) {
        seen = checkpoint;
        movedNs = clock.nanoTime();
      }
      if (stopRequested) {
        source.finish();
        if (options.run() == PlaygroundOptions.Run.UNTIL_STOPPED) {
          return;
        }
      }
      if (poll % POLLS_A_VIEW == 0) {
        show(registry, checkpoint);
      }
      clock.sleep(POLL);
    }
  }

  private void requireProgress(boolean stalled, long movedNs) {
    Stage stage = source.stage();
    stage.pumps().forEach(ServerNode::requireAlive);
    stage.drainer().requireAlive();
    if (stalled && clock.nanoTime() - movedNs > STALL_LIMIT.toNanos()) {
      throw new OperatorException("the Drainer makes no progress; see " + stage.drainer().log());
    }
  }

  private void show(NodeRegistry registry, Tso checkpoint) {
    long now = clock.nanoTime();
    double seconds = Math.max(1, now - shownNs) / 1e9;
    long committed = source.committed();
    long applied = source.committedUpTo(checkpoint);
    view.show(
        new Snapshot(
            Duration.ofNanos(now - startNs),
            (committed - shownCommitted) / seconds,
            (applied - shownApplied) / seconds,
            committed,
            applied,
            source.rolledBack(),
            lag(checkpoint),
            nodes(registry),
            source.lastDdl()));
    shownNs = now;
    shownCommitted = committed;
    shownApplied = applied;
  }

  private Duration lag(Tso checkpoint) {
    Instant newest = source.lastCommitTs().instant();
    Duration behind = Duration.between(checkpoint.instant(), newest);
    return behind.isNegative() || checkpoint.isZero() ? Duration.ZERO : behind;
  }

  private static List<Snapshot.NodeLine> nodes(NodeRegistry registry) {
    List<Snapshot.NodeLine> lines = new ArrayList<>();
    for (NodeKind kind : NodeKind.values()) {
      for (NodeStatus node : registry.list(kind)) {
        lines.add(new Snapshot.NodeLine(node.nodeId(), node.host(), node.state().text()));
      }
    }
    return lines;
  }

  /** Compares target and truth after a bounded run. */
  private int judge() throws InterruptedException {
    Stage stage = source.stage();
    if (options.atEnd() == PlaygroundOptions.AtEnd.STOP) {
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
                (clock.nanoTime() - startNs) / 1e9,
                equal ? "" : " differences=" + report.orElseThrow().differenceCount()));
    if (options.atEnd() == PlaygroundOptions.AtEnd.KEEP) {
      terminal.line("playground: everything keeps running: " + stage.target().mysqlCommand());
      terminal.line("playground: Ctrl-C ends it all");
      while (!stopRequested) {
        clock.sleep(POLL);
      }
      stage.stopNodes();
    }
    return equal ? 0 : 1;
  }
}
