package org.tidbbinlog.tools.replay;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.testkit.capture.Capture;
import org.tidbbinlog.testkit.capture.CaptureReader;
import org.tidbbinlog.testkit.capture.MetaPair;
import org.tidbbinlog.tools.compare.ComparisonReport;
import org.tidbbinlog.tools.compare.TargetAddress;
import org.tidbbinlog.tools.compare.TargetComparison;
import org.tidbbinlog.tools.compare.Truth;
import org.tidbbinlog.tools.stage.ServerNode;
import org.tidbbinlog.tools.stage.Stage;
import org.tidbbinlog.tools.stage.StagePlan;

/**
 * Plays one capture on a {@link Stage}. The PD double's clock stands just before the capture's
 * first transaction, moves with the play, and runs free at its end, so that every timestamp that a
 * Pump or Drainer asks for fits between the captured ones.
 *
 * <pre>
 * open ─▶ start (Pumps, Drainer, writers) ─▶ awaitWritten ─▶ awaitApplied ─▶ compare ─▶ close
 * </pre>
 *
 * One owner thread.
 */
public final class Replay implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);

  /** A Drainer that makes no progress for so long has failed. */
  private static final Duration STALL_LIMIT = Duration.ofMinutes(3);

  private final ReplayOptions options;
  private final Capture capture;
  private final CaptureSummary summary;
  private final Stage stage;
  private final CaptureReader reader;
  private volatile BiConsumer<Binlog, Tso> onCommit = (binlog, commitTs) -> {};
  private Optional<Play> play = Optional.empty();
  private Optional<ClientPumps> writer = Optional.empty();

  private Replay(ReplayOptions options, Capture capture, CaptureSummary summary, Stage stage) {
    this.options = options;
    this.capture = capture;
    this.summary = summary;
    this.stage = stage;
    this.reader = capture.binlogs();
  }

  /** Reads the capture once and sets the stage; no node runs yet. */
  public static Replay open(ReplayOptions options) {
    Capture capture = Capture.open(options.capture());
    CaptureSummary summary = CaptureSummary.of(capture);
    options.expect().ifPresent(Truth::read);
    StagePlan plan =
        StagePlan.in(options.dir(), capture.clusterId())
            .withTarget(options.target())
            .withPorts(options.portBase(), options.pumps())
            .withSyncer(options.syncer());
    options.target().ifPresent(Replay::requireReachable);
    Stage stage = Stage.open(plan);
    try {
      Replay replay = new Replay(options, capture, summary, stage);
      replay.setTime();
      return replay;
    } catch (RuntimeException e) {
      stage.close();
      throw e;
    }
  }

  private static void requireReachable(TargetAddress target) {
    try (Connection connection = target.connect()) {
      if (!connection.isValid(5)) {
        throw new OperatorException("target " + target + " does not answer");
      }
    } catch (SQLException e) {
      throw new OperatorException("cannot connect to target " + target + ": " + e.getMessage(), e);
    }
  }

  private void setTime() {
    Tso start = beforeFirst();
    stage.cluster().pd().holdTso(start, summary.firstStartTs());
    for (MetaPair pair : capture.meta()) {
      stage.cluster().tikv().putMeta(pair.key(), pair.value(), start);
    }
  }

  /** A timestamp 10 s before the first transaction began. */
  private Tso beforeFirst() {
    return Tso.of(summary.firstStartTs().physicalMs() - 10_000, 0);
  }

  /** Starts Pumps, Drainer and writers. */
  public void start() throws InterruptedException {
    startPumps();
    startDrainer();
    stage.drainer().awaitReady();
    startWriting();
  }

  /** Starts the Pumps and waits for them. */
  public void startPumps() throws InterruptedException {
    for (int i = 0; i < options.pumps(); i++) {
      stage.startPump();
    }
    for (ServerNode pump : stage.pumps()) {
      pump.awaitReady();
    }
  }

  /** Starts the Drainer without waiting for it. */
  public void startDrainer() throws InterruptedException {
    stage.startDrainer(admitDrainer());
  }

  /** Starts the writers; the Pumps must be there. */
  public void startWriting() throws InterruptedException {
    ClientPumps pumps = ClientPumps.open(stage.cluster().pdUrls());
    writer = Optional.of(pumps);
    PlayWindow window =
        new PlayWindow(new Transactions(reader), new Random(options.seed()), this::onFrontier);
    Play started = new Play(window, pumps);
    play = Optional.of(started);
    started.start(options.writers());
  }

  /** Called, in order, with each Prewrite and the commit timestamp that it got. */
  public void onCommit(BiConsumer<Binlog, Tso> listener) {
    onCommit = listener;
  }

  private void onFrontier(Tso reached, Tso next, List<PlayedTransaction> taken) {
    for (PlayedTransaction transaction : taken) {
      onCommit.accept(transaction.prewrite(), transaction.commitTs());
      stage
          .cluster()
          .tikv()
          .commitTransaction(
              transaction.startTs(),
              transaction.commitTs(),
              transaction.prewrite().prewriteKey().toBytes());
    }
    stage.cluster().pd().holdTso(reached, next);
  }

  /**
   * A capture knows only its last schema, so a Drainer that starts now must not read the schema at
   * its checkpoint: TiKV says that all before this moment is gone. Answers that moment.
   */
  private Tso admitDrainer() throws InterruptedException {
    Tso reached = play.map(Play::frontier).orElse(Tso.ZERO).max(beforeFirst());
    while (!stage.cluster().pd().nextTso().isAfter(reached)) {
      Thread.sleep(1);
      reached = play.map(Play::frontier).orElse(Tso.ZERO).max(beforeFirst());
    }
    stage.cluster().tikv().knowOnlyFrom(new Tso(reached.value() + 1));
    return reached;
  }

  /** Kills the Drainer at once and starts it again on what it left. */
  public void crashDrainer() throws InterruptedException {
    stage.drainer().kill9();
    admitDrainer();
    stage.drainer().startAgain();
  }

  public Stage stage() {
    return stage;
  }

  public CaptureSummary summary() {
    return summary;
  }

  /** How far it is: one readable line. */
  public String progress() throws InterruptedException {
    Tso applied = stage.drainer().applied();
    return "%,d of %,d transactions written, Drainer at %s"
        .formatted(
            written(),
            summary.binlogs(),
            applied.isZero() ? "its start" : applied.instant().toString());
  }

  public long written() {
    return play.map(Play::done).orElse(0L);
  }

  /** True when all records are written; then PD's clock runs free. */
  public boolean isWritten() {
    stage.pumps().forEach(ServerNode::requireAlive);
    boolean over = play.orElseThrow().isOver();
    if (over) {
      stage.cluster().pd().releaseTso();
    }
    return over;
  }

  /**
   * Waits until the Drainer has applied the last transaction.
   *
   * @param tick called ten times a second
   */
  public void awaitApplied(Consumer<Replay> tick) throws InterruptedException {
    Tso seen = Tso.ZERO;
    long changedNs = System.nanoTime();
    while (true) {
      boolean written = isWritten();
      Tso applied = stage.drainer().applied();
      if (written && !applied.isBefore(summary.lastCommitTs())) {
        return;
      }
      stage.drainer().requireAlive();
      if (!written || applied.isAfter(seen)) {
        seen = applied;
        changedNs = System.nanoTime();
      } else if (System.nanoTime() - changedNs > STALL_LIMIT.toNanos()) {
        throw new OperatorException(
            "the Drainer makes no progress beyond %s; see %s"
                .formatted(applied, stage.drainer().log()));
      }
      tick.accept(this);
      Thread.sleep(POLL.toMillis());
    }
  }

  /** Compares the target with the truth that the options name. */
  public Optional<ComparisonReport> compare() {
    if (options.expect().isEmpty()) {
      return Optional.empty();
    }
    TargetComparison.Scope scope =
        options.target().isPresent()
            ? TargetComparison.Scope.NAMED_DATABASES
            : TargetComparison.Scope.WHOLE_TARGET;
    try (Connection connection = stage.target().connect()) {
      return Optional.of(Truth.read(options.expect().get()).compare(connection, scope));
    } catch (SQLException e) {
      throw new OperatorException("comparing " + stage.target() + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    play.ifPresent(Play::abandon);
    writer.ifPresent(ClientPumps::close);
    stage.close();
    reader.close();
  }
}
