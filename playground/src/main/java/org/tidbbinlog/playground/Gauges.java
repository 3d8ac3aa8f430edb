package org.tidbbinlog.playground;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.registry.NodeKind;
import org.tidbbinlog.cluster.registry.NodeRegistry;
import org.tidbbinlog.tools.stage.DrainerProgress;
import org.tidbbinlog.tools.stage.ServerNode;

/** Reads the numbers of the view; rates are those since the reading before. One thread. */
final class Gauges {
  private final Source source;
  private final Clock clock;
  private final long startNs;
  private Optional<NodeRegistry> registry = Optional.empty();
  private long readNs;
  private long readCommitted;
  private long readApplied;

  Gauges(Source source, Clock clock, long startNs) {
    this.source = source;
    this.clock = clock;
    this.startNs = startNs;
    this.readNs = startNs;
  }

  /** From now on the nodes' states are those of the registry. */
  void states(NodeRegistry from) {
    registry = Optional.of(from);
  }

  Duration running() {
    return Duration.ofNanos(clock.nanoTime() - startNs);
  }

  /** Up to here the target has everything, says the Drainer. */
  Tso applied() throws InterruptedException {
    return source.stage().drainer().applied();
  }

  Snapshot read(Snapshot.Phase phase) throws InterruptedException {
    Optional<DrainerProgress> drainer = source.stage().drainer().progress();
    Tso appliedTs = drainer.map(DrainerProgress::applied).orElse(Tso.ZERO);
    long now = clock.nanoTime();
    double seconds = Math.max(1, now - readNs) / 1e9;
    long committed = source.committed();
    long applied = Math.max(readApplied, source.committedUpTo(appliedTs));
    Snapshot snapshot =
        new Snapshot(
            phase,
            running(),
            (committed - readCommitted) / seconds,
            (applied - readApplied) / seconds,
            committed,
            applied,
            source.rolledBack(),
            lag(appliedTs),
            nodes(drainer),
            source.lastDdl());
    readNs = now;
    readCommitted = committed;
    readApplied = applied;
    return snapshot;
  }

  /** In the source's own time, which is not the clock's when a capture plays. */
  private Duration lag(Tso applied) {
    Tso newest = source.lastCommitTs();
    return applied.isZero() || !newest.isAfter(applied)
        ? Duration.ZERO
        : Duration.between(applied.instant(), newest.instant());
  }

  private List<Snapshot.NodeLine> nodes(Optional<DrainerProgress> drainer) {
    Map<String, String> states = new HashMap<>();
    registry.ifPresent(
        from -> {
          for (NodeKind kind : NodeKind.values()) {
            from.list(kind).forEach(node -> states.put(node.nodeId(), node.state().text()));
          }
        });
    List<Snapshot.NodeLine> lines = new ArrayList<>();
    for (ServerNode node : source.stage().nodes()) {
      String state = node.isAlive() ? states.getOrDefault(node.nodeId(), "starting") : "ended";
      lines.add(
          new Snapshot.NodeLine(
              node.nodeId(),
              node.address(),
              state,
              waiting(node.nodeId(), drainer),
              node.nodeId().startsWith("drainer")
                  ? drainer.map(DrainerProgress::applying).orElse("")
                  : ""));
    }
    return lines;
  }

  private static long waiting(String nodeId, Optional<DrainerProgress> drainer) {
    return drainer
        .map(
            progress ->
                progress
                    .merging()
                    .getOrDefault(nodeId, nodeId.startsWith("drainer") ? progress.queued() : 0L))
        .orElse(0L);
  }
}
