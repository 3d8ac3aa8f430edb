package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.drainer.sink.SinkItem;

/** A DDL's statement is at work or waits for a lock when its Drainer or its link goes (I7). */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class RunningDdlTest {
  @TempDir static Path directory = Path.of("");

  @RegisterExtension
  static final OwnServer SERVER = new OwnServer(() -> directory, DdlScene.LOGGING);

  private final DdlScene scene = new DdlScene(SERVER);

  /** What happens to the link while a statement runs. */
  private interface Weather {
    void strike(BlackHole network, Submission running) throws InterruptedException;
  }

  /** An item on its way into a sink, by a thread of its own. */
  private static final class Submission {
    private final Thread thread;
    private volatile @Nullable Throwable end;

    Submission(MysqlSink sink, SinkItem item) {
      this.thread =
          new Thread(
              () -> {
                try {
                  sink.submit(item);
                } catch (InterruptedException | RuntimeException e) {
                  end = e;
                }
              },
              "test-submit");
      thread.start();
    }

    boolean isRunning() {
      return thread.isAlive();
    }

    /** Its exception, or null. */
    @Nullable Throwable awaitEnd() throws InterruptedException {
      thread.join(Duration.ofSeconds(60).toMillis());
      assertThat(thread.isAlive()).isFalse();
      return end;
    }
  }

  private static MysqlTargetSettings through(BlackHole network, MysqlTargetSettings direct) {
    return direct.withEndpoint(
        new MysqlTargetSettings.Endpoint(
            "127.0.0.1", network.port(), "root", "", MysqlTargetSettings.Tls.OFF));
  }

  private void assertRanOnce(DdlSample ddl) {
    assertThat(scene.statementsRun()).containsExactly(scene.named(ddl.query()));
  }

  @Test
  void statementThatStillRuns_isWaitedForByTheNextDrainer() throws Exception {
    DdlSample cycle = DdlSample.of("rename cycle");
    MysqlTargetSettings settings = scene.prepare(cycle);
    Submission first;
    Submission second;
    MysqlSink next;
    try (Connection blocker = SERVER.process().connect();
        var statement = blocker.createStatement()) {
      statement.execute("begin");
      statement.executeQuery(scene.named("select * from d$.a$")).close();
      MysqlSink gone = scene.open(settings);
      first = new Submission(gone, scene.item(cycle));
      Awaitility.await().until(() -> scene.statementsRun().size() == 1);
      gone.close();
      next = scene.open(settings);
      second = new Submission(next, scene.item(cycle));
      Awaitility.await()
          .until(
              () ->
                  !scene
                      .seen(
                          "select id from information_schema.processlist"
                              + " where info like '%get_lock%ddl%' and id<>connection_id()")
                      .isEmpty());
      Thread.sleep(1_000);
      assertThat(second.isRunning()).isTrue();
      statement.execute("commit");
    }
    assertThat(second.awaitEnd()).isNull();
    assertThat(first.awaitEnd()).hasMessageContaining("taken over");
    next.close();
    assertThat(scene.seen(cycle.look())).isEqualTo(cycle.end());
    assertRanOnce(cycle);
  }

  /** MariaDB ends a statement that waits for a lock when its client goes: it may be sent again. */
  @Test
  void alterThatWaitsForALock_whoseLinkIsCutTwice_takesEffectOnce() throws Exception {
    addsAnIndexBehindALock(
        (network, running) -> {
          for (int cut = 0; cut < 2; cut++) {
            network.breakAll();
            Thread.sleep(1_000);
            assertThat(running.isRunning()).isTrue();
          }
        });
  }

  /** Connections stay open on both sides, as behind a proxy, and the answer never comes. */
  @Test
  void alterWhoseAnswerIsSwallowed_isSeenDoneOnTheTarget_andRunsOnce() throws Exception {
    DdlSample index =
        addsAnIndexBehindALock(
            (network, running) -> {
              network.cut();
              network.heal();
            });
    assertRanOnce(index);
  }

  private DdlSample addsAnIndexBehindALock(Weather weather) throws Exception {
    DdlSample index = DdlSample.of("add index");
    MysqlTargetSettings direct = scene.prepare(index);
    try (BlackHole network = new BlackHole(SERVER.port());
        Connection blocker = SERVER.process().connect();
        var statement = blocker.createStatement()) {
      statement.execute("begin");
      statement.executeQuery(scene.named("select * from d$.t$")).close();
      try (MysqlSink sink = scene.open(through(network, direct))) {
        Submission running = new Submission(sink, scene.item(index));
        Awaitility.await().until(() -> scene.statementsRun().size() == 1);
        weather.strike(network, running);
        statement.execute("commit");
        assertThat(running.awaitEnd()).isNull();
      }
    }
    assertThat(scene.seen(index.look())).isEqualTo(index.end());
    return index;
  }

  /** It is at work, not waiting for a lock, when the connection goes. */
  @Test
  void alterThatCopiesATable_whoseLinkIsCut_runsOnce() throws Exception {
    DdlSample copy =
        new DdlSample(
            "copy",
            List.of(
                "create table t$(id int, v int)",
                "insert into t$ select seq, seq from seq_1_to_400000"),
            "ALTER TABLE `t$` ADD INDEX (`v`), ALGORITHM=COPY",
            DdlSample.of("add index").look(),
            List.of("v,v"));
    MysqlTargetSettings direct = scene.prepare(copy);
    try (BlackHole network = new BlackHole(SERVER.port());
        MysqlSink sink = scene.open(through(network, direct))) {
      Submission running = new Submission(sink, scene.item(copy));
      Awaitility.await()
          .until(
              () ->
                  !scene
                      .seen(
                          "select id from information_schema.processlist where info like 'ALTER%'")
                      .isEmpty());
      network.breakAll();
      assertThat(running.awaitEnd()).isNull();
    }
    assertThat(scene.seen(copy.look())).isEqualTo(copy.end());
    assertRanOnce(copy);
  }
}
