package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tidbbinlog.sinks.mysql.KeptScene.FIRST;
import static org.tidbbinlog.sinks.mysql.KeptScene.KEPT;

import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.drainer.airlock.RunningDdl;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.sinks.mysql.ddl.DdlWatcher;

/** {@code keep-dropped}: moves that wait are seen, cost little to begin, and hold up nobody. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class KeptLookoutTest {
  @TempDir static Path directory = Path.of("");

  @RegisterExtension
  static final OwnServer SERVER =
      new OwnServer(() -> directory, DdlScene.LOGGING.with("--lower-case-table-names=1"));

  private final TargetServer server = SERVER.target();
  private final MysqlTargetSettings settings =
      server.settings().withKeepDropped(Duration.ofHours(24));
  private final KeptScene scene = new KeptScene(server, settings, "K");

  private CompletableFuture<Void> applied(KeptScene by, SinkItem item) {
    CompletableFuture<Void> end = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try (MysqlSink sink = by.open(DdlWatcher.NONE, new Acks())) {
                sink.submit(item);
                end.complete(null);
              } catch (InterruptedException | RuntimeException e) {
                end.completeExceptionally(e);
              }
            },
            "test-submit");
    thread.setDaemon(true);
    thread.start();
    return end;
  }

  private void await(CompletableFuture<Void> end) throws InterruptedException, ExecutionException {
    Awaitility.await().atMost(Duration.ofSeconds(60)).until(end::isDone);
    end.get();
  }

  @Test
  void moveThatWaitsForALock_isToldAsRunning() throws Exception {
    scene.apply(scene.made(10, FIRST), scene.tableMade(20, 71, "t"));
    CompletableFuture<Void> end;
    try (Connection blocker = server.connect();
        var statement = blocker.createStatement()) {
      statement.execute("begin");
      statement.executeQuery("select * from " + scene.db + ".t").close();
      end = applied(scene, scene.tableDropped(40, 71, "t"));
      Awaitility.await()
          .atMost(Duration.ofSeconds(10))
          .until(
              () ->
                  scene
                      .airlock
                      .running()
                      .map(RunningDdl::statement)
                      .filter(sql -> sql.startsWith("rename table"))
                      .isPresent());
      statement.execute("commit");
    }
    await(end);
    assertThat(scene.airlock.running()).isEmpty();
    assertThat(scene.kept()).hasSize(1);
  }

  /** Connections stay open on both sides, as behind a proxy. */
  @Test
  void moveWhoseAnswerIsSwallowed_isFoundDone() throws Exception {
    scene.apply(scene.made(10, FIRST), scene.tableMade(20, 71, "t"));
    try (BlackHole network = new BlackHole(SERVER.port());
        Connection blocker = server.connect();
        var statement = blocker.createStatement()) {
      KeptScene through = scene.through(network.port());
      statement.execute("begin");
      statement.executeQuery("select * from " + scene.db + ".t").close();
      CompletableFuture<Void> end = applied(through, through.tableDropped(40, 71, "t"));
      Awaitility.await()
          .atMost(Duration.ofSeconds(10))
          .until(
              () ->
                  !server
                      .rows(
                          "select id from information_schema.processlist where info like"
                              + " '%rename table%' and state like '%metadata%'")
                      .isEmpty());
      network.cut();
      network.heal();
      statement.execute("commit");
      await(end);
    }
    assertThat(scene.kept()).hasSize(1);
    assertThat(scene.tables()).isEmpty();
  }

  @Test
  void keptTableThatSomebodyReads_doesNotKeepTheCleanUpFromOthers() throws Exception {
    scene.apply(
        scene.made(10, FIRST), scene.tableMade(20, 71, "t"), scene.tableDropped(40, 71, "t"));
    String read = scene.kept().get(0);
    try (Connection reader = server.connect();
        var statement = reader.createStatement()) {
      statement.execute("begin");
      statement.executeQuery("select * from " + KEPT + "." + read).close();
      scene.age(25);
      scene.cleanUp();
      assertThat(scene.kept()).containsExactly(read);
    }
    scene.cleanUp();
    assertThat(scene.kept()).isEmpty();
  }

  @Test
  void readingForeignKeys_opensTheTablesOfNoDatabase() throws Exception {
    scene.apply(
        scene.made(10, FIRST),
        scene.tableMade(20, 71, "t"),
        scene.truncated(30, 71, 72, "t"),
        scene.tableDropped(40, 72, "t"));
    List<String> reads =
        server.rows(
            "select argument from mysql.general_log where argument like"
                + " '%referential_constraints%' and argument not like '%general_log%' and argument"
                + " like '%"
                + scene.db
                + "%'");
    assertThat(reads).hasSize(2);
    for (String read : reads) {
      assertThat(server.rows("explain " + read))
          .isNotEmpty()
          .allMatch(plan -> plan.contains("Scanned 0 databases"));
    }
  }

  /** The server writes names in lower case, upstream does not. */
  @Test
  void truncatedTableThatReferencesItself_doesSoWhateverTheSpelling() throws Exception {
    scene.apply(
        scene.made(10, FIRST),
        scene.tableMade(
            20,
            71,
            "T",
            "`v` BIGINT PRIMARY KEY, `me` BIGINT, CONSTRAINT `itself` FOREIGN KEY (`me`)"
                + " REFERENCES `T` (`v`)"),
        scene.truncated(30, 71, 72, "T"));
    assertThat(scene.foreignKeys().toString())
        .isEqualToIgnoringCase("[itself,t,me," + scene.db + ",t]");
  }
}
