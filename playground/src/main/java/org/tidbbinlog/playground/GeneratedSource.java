package org.tidbbinlog.playground;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.testkit.workload.Workload;
import org.tidbbinlog.testkit.workload.WorkloadSpec;
import org.tidbbinlog.testkit.workload.WorkloadStep;
import org.tidbbinlog.tools.compare.ComparisonReport;
import org.tidbbinlog.tools.compare.TargetComparison;
import org.tidbbinlog.tools.compare.TruthTable;
import org.tidbbinlog.tools.compare.WorkloadTruth;
import org.tidbbinlog.tools.replay.ClientPumps;
import org.tidbbinlog.tools.stage.Stage;
import org.tidbbinlog.tools.stage.StagePlan;

/** A made-up application on a made-up TiDB; knows what the target must hold. */
final class GeneratedSource implements Source {
  private static final long CLUSTER_ID = 7_000_000_000_000_000_001L;
  private static final long NANOS = 1_000_000_000L;

  /** TiKV forgets versions older than this, or a long run would fill the memory. */
  private static final Duration KEEP_VERSIONS = Duration.ofMinutes(10);

  private static final int STEPS_A_COLLECTION = 10_000;

  private final PlaygroundOptions options;
  private final Stage stage;
  private final Workload workload;
  private final Clock clock;
  private final Thread generator = new Thread(this::generate, "playground-generator-1");
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private Optional<ClientPumps> pumps = Optional.empty();
  private Optional<Upstream> upstream = Optional.empty();
  private volatile String lastDdl = "";
  private volatile boolean finishRequested;
  private volatile boolean generated;

  private GeneratedSource(PlaygroundOptions options, Stage stage, Workload workload, Clock clock) {
    this.options = options;
    this.stage = stage;
    this.workload = workload;
    this.clock = clock;
    generator.setDaemon(true);
  }

  static GeneratedSource open(PlaygroundOptions options) {
    Stage stage =
        Stage.open(
            StagePlan.in(options.dir(), CLUSTER_ID).withPorts(options.portBase(), options.pumps()));
    Workload workload = new Workload(options.seed(), WorkloadSpec.usual());
    Tso ts = stage.cluster().pd().nextTso();
    workload.initialMeta().forEach(meta -> Upstream.put(stage.cluster(), meta, ts));
    return new GeneratedSource(options, stage, workload, Clock.system());
  }

  @Override
  public Stage stage() {
    return stage;
  }

  @Override
  public void startDrainer() {
    stage.startDrainer(stage.cluster().pd().nextTso());
  }

  @Override
  public void start() throws InterruptedException {
    ClientPumps client = ClientPumps.open(stage.cluster().pdUrls());
    pumps = Optional.of(client);
    upstream = Optional.of(new Upstream(stage.cluster(), client));
    generator.start();
  }

  /** One step after the other, not faster than the rate; ends only between DDLs. */
  private void generate() {
    Upstream sink = upstream.orElseThrow();
    long bound =
        options.run() == PlaygroundOptions.Run.ONCE ? options.transactions() : Long.MAX_VALUE;
    long startNs = clock.nanoTime();
    try {
      for (long step = 0; !isEnough(step, bound); step++) {
        long dueNs = startNs + (long) ((double) step * NANOS / options.rate());
        clock.sleep(Duration.ofNanos(dueNs - clock.nanoTime()));
        WorkloadStep next = workload.next(stage.cluster().pd()::nextTso);
        if (next instanceof WorkloadStep.Ddl ddl) {
          lastDdl = ddl.job().query();
        }
        sink.submit(next);
        if (step % STEPS_A_COLLECTION == 0) {
          stage.cluster().tikv().collectGarbage(Tso.at(clock.now().minus(KEEP_VERSIONS)));
        }
      }
      generated = true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      failure.set(e);
    }
  }

  private boolean isEnough(long step, long bound) {
    return (finishRequested || step >= bound) && workload.isSettled();
  }

  @Override
  public long committed() {
    return upstream.map(Upstream::committed).orElse(0L);
  }

  @Override
  public long rolledBack() {
    return upstream.map(Upstream::rolledBack).orElse(0L);
  }

  @Override
  public Tso lastCommitTs() {
    return upstream.map(Upstream::lastCommitTs).orElse(Tso.ZERO);
  }

  @Override
  public long committedUpTo(Tso checkpoint) {
    return upstream.map(u -> u.committedUpTo(checkpoint)).orElse(0L);
  }

  @Override
  public String lastDdl() {
    return lastDdl;
  }

  @Override
  public void finish() {
    finishRequested = true;
  }

  @Override
  public boolean isFinished() {
    Throwable cause = failure.get();
    if (cause != null) {
      throw new IllegalStateException("the generator failed: " + cause.getMessage(), cause);
    }
    return upstream.orElseThrow().isIdle() && generated;
  }

  @Override
  public Optional<ComparisonReport> compare() {
    List<TruthTable> truth = WorkloadTruth.of(workload.truth());
    try (Connection connection = stage.target().connect()) {
      return Optional.of(
          new TargetComparison(connection, TargetComparison.Scope.WHOLE_TARGET).compare(truth));
    } catch (SQLException e) {
      throw new OperatorException("comparing " + stage.target() + ": " + e.getMessage(), e);
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
