package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Random;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.airlock.DdlAirlock;
import org.tidbbinlog.drainer.airlock.DdlChoice.Action;
import org.tidbbinlog.drainer.airlock.HeldDdl;
import org.tidbbinlog.drainer.airlock.OnDdlError;
import org.tidbbinlog.drainer.airlock.StreamBehind;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.sinks.mysql.apply.SinkCounters;
import org.tidbbinlog.sinks.mysql.ddl.DdlWatcher;
import org.tidbbinlog.sinks.mysql.target.TargetConnector;

/**
 * A sink with an airlock in a data directory, over several lives. Its checkpoint stays where it
 * began, so a new life is given all of the stream again.
 */
final class AirlockStage implements AutoCloseable {
  static final DdlAirlock.Chooser ANN = new DdlAirlock.Chooser("ann", "10.0.0.7");
  private static final Duration LIMIT = Duration.ofSeconds(20);

  final TargetServer server;
  private final Path folder;
  private final long cluster = TargetServer.unique();
  private final MysqlTargetSettings settings;
  private Acks acks = new Acks();
  private SinkCounters counters = new SinkCounters(SinkCounters.Listener.NONE);
  private DdlAirlock airlock = DdlAirlock.stopping(Clock.system());
  private DdlWatcher watcher = DdlWatcher.NONE;
  private @Nullable MysqlSink sink;

  AirlockStage(TargetServer server, MysqlTargetSettings settings, Path folder) {
    this.server = server;
    this.settings = settings;
    this.folder = folder;
  }

  /** A new life on the same data directory; nothing of an earlier one is waited for. */
  AirlockStage start(OnDdlError policy) {
    return start(policy, ResumeFrom.initial(new Tso(1)));
  }

  AirlockStage start(OnDdlError policy, ResumeFrom resume) {
    close();
    acks = new Acks();
    counters = new SinkCounters(SinkCounters.Listener.NONE);
    airlock = DdlAirlock.open(folder, policy, Clock.system(), action -> {});
    sink =
        MysqlSink.open(
            TargetConnector.probe(settings),
            cluster,
            resume,
            acks,
            counters,
            Clock.system(),
            new Random(1),
            airlock,
            watcher);
    return this;
  }

  /** For the lives from the next one on. */
  AirlockStage watch(DdlWatcher next) {
    watcher = next;
    return this;
  }

  AirlockStage submit(SinkItem... items) throws InterruptedException {
    for (SinkItem item : items) {
      Objects.requireNonNull(sink).submit(item);
    }
    return this;
  }

  /** The way into the present life's sink; of no use in the next. */
  interface Feed {
    void submit(SinkItem item) throws InterruptedException;
  }

  Feed feed() {
    return Objects.requireNonNull(sink)::submit;
  }

  DdlAirlock airlock() {
    return airlock;
  }

  SinkCounters counters() {
    return counters;
  }

  /** Everything up to here is acknowledged. */
  Tso acknowledged() {
    return acks.last();
  }

  HeldDdl held() {
    return airlock.situation().orElseThrow().ddl();
  }

  StreamBehind behind() {
    return airlock.situation().orElseThrow().behind();
  }

  void choose(Action action, String replacement) {
    airlock.choose(held().commitTs(), action, replacement, ANN);
  }

  /** Something is held, and no choice is being carried out. */
  HeldDdl awaitHeld() {
    awaitTrue(() -> assertThat(airlock.state()).isEqualTo(DdlAirlock.State.HELD));
    return held();
  }

  void awaitRows(String query, String... rows) {
    awaitTrue(() -> assertThat(server.rows(query)).containsExactly(rows));
  }

  /** Nothing waits any more, and all is acknowledged. */
  void awaitAllApplied() {
    awaitTrue(
        () -> {
          try {
            assertThat(Objects.requireNonNull(sink).drain(LIMIT)).isTrue();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
    assertThat(airlock.state()).isEqualTo(DdlAirlock.State.OPEN);
    requireNoFailure();
  }

  /** What stopped the sink. */
  Throwable awaitFailure() {
    Awaitility.await().atMost(LIMIT).until(() -> acks.failure.get() != null);
    return Objects.requireNonNull(acks.failure.get());
  }

  void requireNoFailure() {
    assertThat(acks.failure.get()).isNull();
  }

  private void awaitTrue(Runnable fact) {
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(
            () -> {
              requireNoFailure();
              fact.run();
            });
  }

  @Override
  public void close() {
    if (sink != null) {
      sink.close();
    }
    sink = null;
  }
}
