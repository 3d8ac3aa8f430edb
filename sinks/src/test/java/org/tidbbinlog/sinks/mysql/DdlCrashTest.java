package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tidbbinlog.sinks.mysql.Upstream.insert;
import static org.tidbbinlog.sinks.mysql.Upstream.table;
import static org.tidbbinlog.sinks.mysql.Upstream.transaction;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.sinks.mysql.ddl.DdlWatcher;
import org.tidbbinlog.sinks.mysql.ddl.DdlWatcher.Step;

/**
 * A DDL is interrupted at each point between its intent and its end (I7): the server's own log of
 * statements shows that each ran once.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class DdlCrashTest {
  @TempDir static Path directory = Path.of("");

  @RegisterExtension
  static final OwnServer SERVER = new OwnServer(() -> directory, DdlScene.LOGGING);

  private final DdlScene scene = new DdlScene(SERVER);

  /** How the work ends at a step. */
  enum Failure {
    /** The process is gone; another one starts. */
    DRAINER_KILLED,
    CONNECTION_LOST,
    SERVER_KILLED
  }

  static Stream<Arguments> interruptions() {
    List<Arguments> all = new ArrayList<>();
    for (DdlSample job : DdlSample.all()) {
      int statements = job.statements().size();
      for (int statement = 0; statement < statements; statement++) {
        for (Step step : Step.values()) {
          if (step != Step.AFTER_DONE || statement == statements - 1) {
            all.add(Arguments.of(job, step, statement, Failure.DRAINER_KILLED));
          }
          if (step == Step.AFTER_INTENT || step == Step.AFTER_STATEMENT) {
            all.add(Arguments.of(job, step, statement, Failure.CONNECTION_LOST));
          }
        }
      }
    }
    return all.stream();
  }

  static Stream<Arguments> serverKills() {
    List<String> kinds =
        List.of("rename cycle", "exchange partition", "add index", "create tables");
    return DdlSample.all().stream()
        .filter(job -> kinds.contains(job.name()))
        .flatMap(
            job ->
                Stream.of(Step.AFTER_INTENT, Step.AFTER_STATEMENT)
                    .map(step -> Arguments.of(job, step, 0, Failure.SERVER_KILLED)));
  }

  @ParameterizedTest(name = "{0}, {1} of statement {2}, {3}")
  @MethodSource({"interruptions", "serverKills"})
  void interruptedDdl_runsOnce(DdlSample job, Step step, int statement, Failure failure)
      throws Exception {
    MysqlTargetSettings settings = scene.prepare(job);
    SinkItem ddl = scene.item(job);
    AtomicBoolean struck = new AtomicBoolean();
    DdlWatcher strike =
        (at, of) -> {
          if (at == step && of == statement && struck.compareAndSet(false, true)) {
            fail(failure, settings);
          }
        };
    try (MysqlSink sink = scene.open(settings, strike)) {
      if (failure == Failure.DRAINER_KILLED) {
        assertThatThrownBy(() -> sink.submit(ddl)).hasMessage("killed");
      } else {
        sink.submit(ddl);
      }
    }
    assertThat(struck).isTrue();
    try (MysqlSink sink = scene.open(settings)) {
      sink.submit(ddl);
      sink.submit(
          transaction(
              ddl.commitTs().value() + 10, insert(table("d" + scene.number, "after", "v"), 1)));
      assertThat(sink.drain(Duration.ofSeconds(20))).isTrue();
    }
    assertThat(scene.seen(job.look())).isEqualTo(job.end().stream().map(scene::named).toList());
    assertThat(scene.statementsRun())
        .containsExactlyElementsOf(job.statements().stream().map(scene::named).toList());
    assertThat(scene.seen("select v from after")).containsExactly("1");
  }

  @Test
  void renameCycle_whoseNumbersTheTargetDoesNotTell_isHeldWithTheWayOut() throws Exception {
    DdlSample cycle = DdlSample.of("rename cycle");
    MysqlTargetSettings settings = scene.prepare(cycle);
    String user = "narrow" + scene.number;
    SERVER
        .process()
        .execute(
            "create user " + user + "@'127.0.0.1'",
            "grant all on d" + scene.number + ".* to " + user + "@'127.0.0.1'",
            "grant all on " + settings.ledgerSchema() + ".* to " + user + "@'127.0.0.1'");
    MysqlTargetSettings narrow =
        MysqlTargetSettings.of("127.0.0.1", SERVER.port(), user, "")
            .withLedgerSchema(settings.ledgerSchema());
    try (MysqlSink sink = scene.open(narrow, at(Step.AFTER_STATEMENT))) {
      assertThatThrownBy(() -> sink.submit(scene.item(cycle))).hasMessage("killed");
    }
    try (MysqlSink sink = scene.open(narrow)) {
      assertThatThrownBy(() -> sink.submit(scene.item(cycle)))
          .isInstanceOf(OperatorException.class)
          .hasMessageContaining("is held")
          .hasMessageContaining("RENAME TABLE")
          .hasMessageContaining("ignore-txn-commit-ts = [100]")
          .hasMessageNotContaining("\n");
    }
    assertThat(scene.statementsRun()).containsExactly(scene.named(cycle.query()));
  }

  private static DdlWatcher at(Step step) {
    return (reached, statement) -> {
      if (reached == step) {
        throw new IllegalStateException("killed");
      }
    };
  }

  private void fail(Failure failure, MysqlTargetSettings settings) {
    switch (failure) {
      case DRAINER_KILLED -> throw new IllegalStateException("killed");
      case CONNECTION_LOST -> {
        String lock = "'" + settings.ledgerSchema() + "." + scene.cluster + ".ddl'";
        SERVER.process().execute("kill " + scene.seen("select is_used_lock(" + lock + ")").get(0));
      }
      case SERVER_KILLED -> {
        SERVER.process().kill9();
        SERVER.process().restart();
      }
    }
  }
}
