package org.tidbbinlog.it;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.playground.Upstream;
import org.tidbbinlog.testkit.workload.Workload;
import org.tidbbinlog.testkit.workload.WorkloadSpec;
import org.tidbbinlog.tools.compare.ComparisonReport;
import org.tidbbinlog.tools.compare.TargetAddress;
import org.tidbbinlog.tools.compare.TargetComparison;
import org.tidbbinlog.tools.compare.WorkloadTruth;
import org.tidbbinlog.tools.replay.ClientPumps;
import org.tidbbinlog.tools.stage.ServerNode;
import org.tidbbinlog.tools.stage.Stage;
import org.tidbbinlog.tools.stage.StagePlan;

/**
 * A made-up load on a stage of real processes, written from a thread of its own until {@link
 * #finish}.
 */
final class GeneratedLoad implements AutoCloseable {
  private static final long CLUSTER_ID = 7_000_000_000_000_000_002L;
  private static final Duration STALL_LIMIT = Duration.ofMinutes(2);
  private static final long POLL_MS = 50;

  private final Stage stage;
  private final Workload workload;
  private final long pauseNs;
  private final Thread generator = new Thread(this::generate, "it-generator-1");
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private Optional<ClientPumps> pumps = Optional.empty();
  private Optional<Upstream> upstream = Optional.empty();
  private volatile boolean finishing;

  private GeneratedLoad(Stage stage, Workload workload, int stepsPerSecond) {
    this.stage = stage;
    this.workload = workload;
    this.pauseNs = Duration.ofSeconds(1).toNanos() / stepsPerSecond;
    generator.setDaemon(true);
  }

  /** Sets the stage and starts so many Pumps, the Drainer, and the load. */
  static GeneratedLoad start(
      Path dir, int pumpCount, long seed, WorkloadSpec spec, int stepsPerSecond)
      throws InterruptedException {
    return start(StagePlan.in(dir, CLUSTER_ID), pumpCount, seed, spec, stepsPerSecond);
  }

  /** As above, on a target of the caller's. */
  static GeneratedLoad startAt(
      TargetAddress target, Path dir, long seed, WorkloadSpec spec, int stepsPerSecond)
      throws InterruptedException {
    StagePlan plan = StagePlan.in(dir, CLUSTER_ID).withTarget(Optional.of(target));
    return start(plan, 1, seed, spec, stepsPerSecond);
  }

  private static GeneratedLoad start(
      StagePlan plan, int pumpCount, long seed, WorkloadSpec spec, int stepsPerSecond)
      throws InterruptedException {
    Stage stage = Stage.open(plan);
    GeneratedLoad load = new GeneratedLoad(stage, new Workload(seed, spec), stepsPerSecond);
    try {
      load.startAll(pumpCount);
      return load;
    } catch (RuntimeException | InterruptedException e) {
      load.close();
      throw e;
    }
  }

  private void startAll(int pumpCount) throws InterruptedException {
    Tso ts = stage.cluster().pd().nextTso();
    workload.initialMeta().forEach(meta -> Upstream.put(stage.cluster(), meta, ts));
    for (int i = 0; i < pumpCount; i++) {
      stage.startPump();
    }
    stage.startDrainer(stage.cluster().pd().nextTso());
    for (ServerNode pump : stage.pumps()) {
      pump.awaitReady();
    }
    stage.drainer().awaitReady();
    ClientPumps client = ClientPumps.open(stage.cluster().pdUrls());
    pumps = Optional.of(client);
    upstream = Optional.of(new Upstream(stage.cluster(), client));
    generator.start();
  }

  Stage stage() {
    return stage;
  }

  long committed() {
    return upstream.orElseThrow().committed();
  }

  private void generate() {
    Upstream sink = upstream.orElseThrow();
    try {
      long dueNs = System.nanoTime();
      while (!finishing || !workload.isSettled()) {
        sink.submit(workload.next(stage.cluster().pd()::nextTso));
        dueNs = Math.max(dueNs + pauseNs, System.nanoTime() - Duration.ofSeconds(1).toNanos());
        Thread.sleep(Duration.ofNanos(Math.max(0, dueNs - System.nanoTime())).toMillis());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      failure.set(e);
    }
  }

  /** Ends the load after what has begun and waits until the Drainer's checkpoint has passed it. */
  void finish() throws InterruptedException {
    finishing = true;
    Tso seen = Tso.ZERO;
    long movedNs = System.nanoTime();
    while (true) {
      requireHealthy();
      boolean idle = upstream.orElseThrow().isIdle();
      boolean written = idle && !generator.isAlive();
      Tso checkpoint = stage.drainer().checkpoint();
      if (written && !checkpoint.isBefore(upstream.orElseThrow().lastCommitTs())) {
        return;
      }
      if (checkpoint.isAfter(seen)) {
        seen = checkpoint;
        movedNs = System.nanoTime();
      } else if (System.nanoTime() - movedNs > STALL_LIMIT.toNanos()) {
        throw new AssertionError(
            "no progress beyond %s, written=%s; see %s"
                .formatted(checkpoint, written, stage.drainer().log()));
      }
      Thread.sleep(POLL_MS);
    }
  }

  /** Everybody lives and the load is being taken. */
  void requireHealthy() {
    Throwable cause = failure.get();
    if (cause != null) {
      throw new AssertionError("the load failed: " + cause.getMessage(), cause);
    }
    stage.pumps().forEach(ServerNode::requireAlive);
    stage.drainer().requireAlive();
  }

  /** Target against truth, value by value; only after {@link #finish}. */
  ComparisonReport compare() throws SQLException {
    try (Connection connection = stage.target().connect()) {
      return new TargetComparison(connection, TargetComparison.Scope.WHOLE_TARGET)
          .compare(WorkloadTruth.of(workload.truth()));
    }
  }

  @Override
  public void close() {
    generator.interrupt();
    upstream.ifPresent(Upstream::close);
    pumps.ifPresent(ClientPumps::close);
    stage.close();
  }
}
