package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tidbbinlog.sinks.mysql.Upstream.insert;
import static org.tidbbinlog.sinks.mysql.Upstream.table;
import static org.tidbbinlog.sinks.mysql.Upstream.transaction;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.airlock.DdlAirlock;
import org.tidbbinlog.drainer.airlock.DdlChoice.Action;
import org.tidbbinlog.drainer.airlock.OnDdlError;
import org.tidbbinlog.drainer.airlock.StreamBehind;
import org.tidbbinlog.drainer.sink.RowChange;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.TableVersion;
import org.tidbbinlog.sinks.mysql.apply.SinkCounters;
import org.tidbbinlog.sinks.mysql.ddl.DdlWatcher;
import org.tidbbinlog.sinks.mysql.target.TargetConnector;
import org.tidbbinlog.testkit.mariadb.MariaDb;

/** The sink is asked to end while an item is on its way into it (I6, I7, decision 0077). */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
@SuppressWarnings("try") // a blocker is there, and that is all
class OrderlyStopTest {
  /** More than may be in flight. */
  private static final int MANY_ROWS = 6_000;

  private static final Duration AT_ONCE = Duration.ofMillis(300);
  private static final Duration IN_TIME = Duration.ofSeconds(30);
  private static final String INDEX = "ALTER TABLE `t` ADD INDEX `i`(`v`)";

  @TempDir static Path directory = Path.of("");
  @RegisterExtension static final OwnServer SERVER = new OwnServer(() -> directory);

  @TempDir Path folder = Path.of("");
  private final long cluster = TargetServer.unique();
  private final String db = "o" + TargetServer.unique();
  private final TableVersion t = table(db, "t", "v");
  private final TargetServer server = SERVER.target();
  private MysqlTargetSettings settings = server.settings();
  private Acks acks = new Acks();

  /** An item on its way into a sink, by a thread of its own. */
  private static final class Submission {
    private final Thread thread;
    private volatile @Nullable Throwable end;

    Submission(MysqlSink sink, SinkItem... items) {
      this.thread =
          new Thread(
              () -> {
                try {
                  for (SinkItem item : items) {
                    sink.submit(item);
                  }
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

    void interrupt() {
      thread.interrupt();
    }

    /** Its exception, or null. */
    @Nullable Throwable awaitEnd() throws InterruptedException {
      thread.join(IN_TIME.toMillis());
      assertThat(thread.isAlive()).isFalse();
      return end;
    }
  }

  /** Another session that is in the way. */
  private final class Blocker implements AutoCloseable {
    private final Connection connection;

    Blocker(String... statements) throws SQLException {
      connection = server.connect();
      try (Statement statement = connection.createStatement()) {
        for (String sql : statements) {
          statement.execute(sql);
        }
      }
    }

    @Override
    public void close() throws SQLException {
      connection.close();
    }
  }

  /** Nobody writes to the table. */
  private Blocker blockRows() throws SQLException {
    return new Blocker("lock tables " + db + ".t read");
  }

  /** Rows may be written, and no DDL gets its turn. */
  private Blocker blockDdl() throws SQLException {
    return new Blocker("begin", "select * from " + db + ".t");
  }

  @BeforeEach
  void createTable() {
    server.execute("create database " + db, "create table " + db + ".t(v bigint)");
  }

  @AfterEach
  void requireNoFailure() {
    assertThat(acks.failure.get()).isNull();
  }

  private MysqlSink open() {
    return open(OnDdlError.STOP);
  }

  private MysqlSink open(OnDdlError policy) {
    return open(DdlAirlock.open(folder, policy, Clock.system(), action -> {}));
  }

  private MysqlSink open(DdlAirlock airlock) {
    acks = new Acks();
    return MysqlSink.open(
        TargetConnector.probe(settings),
        cluster,
        ResumeFrom.initial(new Tso(1)),
        acks,
        new SinkCounters(SinkCounters.Listener.NONE),
        Clock.system(),
        new Random(1),
        airlock,
        DdlWatcher.NONE);
  }

  private SinkItem index() {
    return Upstream.ddl(100, db, "t", INDEX);
  }

  private SinkItem manyRows(long commitTs) {
    List<RowChange> rows = new ArrayList<>();
    for (int v = 0; v < MANY_ROWS; v++) {
      rows.add(insert(t, v));
    }
    return transaction(commitTs, rows);
  }

  private List<String> indexes() {
    return server.rows(
        "select index_name from information_schema.statistics where table_schema='" + db + "'");
  }

  private void assertRows(int count) {
    assertThat(server.rows("select count(*), count(distinct v) from " + db + ".t"))
        .containsExactly(count + "," + count);
  }

  private void awaitWaitingForALock() {
    Awaitility.await()
        .until(
            () ->
                !server
                    .rows(
                        "select id from information_schema.processlist where info like 'ALTER%'"
                            + " and state like 'Waiting%'")
                    .isEmpty());
  }

  private static void awaitFullWindow(MysqlSink sink) {
    Awaitility.await().until(() -> sink.rowsInFlight() >= 4096);
  }

  @Test
  void transactionThatWaitsForRoom_isHandedOverWhole_andAcknowledged() throws Exception {
    try (MysqlSink sink = open()) {
      Submission rows;
      try (Blocker blocker = blockRows()) {
        rows = new Submission(sink, manyRows(10), transaction(20, insert(t, -1)));
        awaitFullWindow(sink);
        sink.takeNoMore();
        assertThat(sink.drain(AT_ONCE)).as("half of it is not all").isFalse();
        assertThat(rows.isRunning()).isTrue();
      }
      assertThat(rows.awaitEnd())
          .as("of the one behind it")
          .isInstanceOf(InterruptedException.class);
      assertThat(sink.drain(IN_TIME)).isTrue();
      assertThat(acks.last()).isEqualTo(new Tso(10));
    }
    assertRows(MANY_ROWS);
  }

  /** Killed while it worked; the next life is stopped before the stream has come again. */
  @Test
  void targetThatIsAheadSinceAKill_isNotCalledConsistent_untilTheStreamHasPassedThat()
      throws Exception {
    try (MysqlSink sink = open()) {
      sink.submit(transaction(10, insert(t, 1)));
      sink.submit(transaction(20, insert(t, 2)));
      assertThat(sink.drain(IN_TIME)).isTrue();
    }
    try (MysqlSink sink = open()) { // No checkpoint came to be.
      assertThat(sink.drain(IN_TIME)).isTrue();
      assertThat(sink.mayHoldBeyond(new Tso(1))).isTrue();
      assertThat(sink.mayHoldBeyond(new Tso(19))).isTrue();
      assertThat(sink.mayHoldBeyond(new Tso(20))).isFalse();
      sink.submit(transaction(10, insert(t, 1)));
      sink.submit(transaction(20, insert(t, 2)));
      assertThat(sink.drain(IN_TIME)).isTrue();
    }
    assertRows(2);
  }

  @Test
  void transactionGivenUpInItsMiddle_isNeverCounted_andCompletedByTheNextLife() throws Exception {
    try (MysqlSink sink = open()) {
      sink.submit(transaction(5, insert(t, -1)));
      assertThat(sink.drain(IN_TIME)).isTrue();
      Submission rows;
      try (Blocker blocker = blockRows()) {
        rows = new Submission(sink, manyRows(10));
        awaitFullWindow(sink);
        rows.interrupt();
        assertThat(rows.awaitEnd()).isInstanceOf(InterruptedException.class);
      }
      assertThat(sink.drain(Duration.ofSeconds(3))).isFalse();
      assertThat(acks.last()).isEqualTo(new Tso(5));
    }
    requireNoFailure();
    try (MysqlSink next = open()) {
      next.submit(transaction(5, insert(t, -1)));
      next.submit(manyRows(10));
      assertThat(next.drain(IN_TIME)).isTrue();
    }
    assertRows(MANY_ROWS + 1);
  }

  @Test
  void ddlThatRuns_isNotTakenForDone_andWaitedFor() throws Exception {
    try (MysqlSink sink = open()) {
      Submission ddl;
      try (Blocker blocker = blockDdl()) {
        ddl = new Submission(sink, index());
        awaitWaitingForALock();
        sink.takeNoMore();
        assertThat(sink.drain(AT_ONCE)).isFalse();
        assertThat(ddl.isRunning()).isTrue();
      }
      assertThat(ddl.awaitEnd()).isNull();
      assertThat(sink.drain(IN_TIME)).isTrue();
      assertThat(acks.last()).isEqualTo(new Tso(100));
    }
    assertThat(indexes()).containsExactly("i");
  }

  @Test
  void ddlGivenUpWhileItRuns_isNeverCounted_andRunsOnceInTheNextLife() throws Exception {
    try (Blocker blocker = blockDdl()) {
      try (MysqlSink sink = open()) {
        Submission ddl = new Submission(sink, index());
        awaitWaitingForALock();
        ddl.interrupt();
        assertThat(ddl.awaitEnd()).isInstanceOf(InterruptedException.class);
        assertThat(sink.drain(AT_ONCE)).isFalse();
        assertThat(acks.last()).isEqualTo(Tso.ZERO);
      }
      requireNoFailure();
    }
    try (MysqlSink next = open()) {
      next.submit(index());
      assertThat(next.drain(IN_TIME)).isTrue();
    }
    assertThat(indexes()).containsExactly("i");
  }

  @Test
  void ddlThatWaitsForRowsBeforeIt_isNotBegunAnyMore() throws Exception {
    try (MysqlSink sink = open()) {
      Submission ddl;
      try (Blocker blocker = blockRows()) {
        ddl = new Submission(sink, transaction(10, insert(t, 1)), index());
        Awaitility.await().until(() -> ddl.thread.getState() == Thread.State.TIMED_WAITING);
        sink.takeNoMore();
      }
      assertThat(ddl.awaitEnd()).isInstanceOf(InterruptedException.class);
      assertThat(sink.drain(IN_TIME)).isTrue();
      assertThat(acks.last()).isEqualTo(new Tso(10));
    }
    assertThat(indexes()).isEmpty();
  }

  @Test
  void itemThatFindsNoRoomBehindAHeldDdl_isLeftAlone() throws Exception {
    settings = settings.withLimits(20_000, Duration.ofMinutes(1));
    server.execute("insert into " + db + ".t values(1),(1)");
    DdlAirlock airlock = DdlAirlock.open(folder, OnDdlError.HOLD, Clock.system(), action -> {});
    try (MysqlSink sink = open(airlock)) {
      sink.submit(Upstream.ddl(100, db, "t", "ALTER TABLE `t` ADD UNIQUE INDEX `u`(`v`)"));
      List<SinkItem> rows = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        rows.add(transaction(200 + i, insert(t, 1000 + i)));
      }
      Submission feed = new Submission(sink, rows.toArray(SinkItem[]::new));
      Awaitility.await()
          .until(
              () ->
                  airlock.situation().orElseThrow().behind().reach()
                      == StreamBehind.Reach.AT_ITS_LIMIT);
      sink.takeNoMore();
      assertThat(feed.awaitEnd()).isInstanceOf(InterruptedException.class);
      assertThat(sink.drain(IN_TIME)).isFalse();
    }
  }

  @Test
  void choiceThatIsBeingCarriedOut_isWaitedFor() throws Exception {
    server.execute("insert into " + db + ".t values(1),(1)");
    DdlAirlock airlock = DdlAirlock.open(folder, OnDdlError.HOLD, Clock.system(), action -> {});
    try (MysqlSink sink = open(airlock)) {
      sink.submit(Upstream.ddl(100, db, "t", "ALTER TABLE `t` ADD UNIQUE INDEX `u`(`v`)"));
      assertThat(sink.drain(IN_TIME)).as("held").isFalse();
      airlock.choose(new Tso(100), Action.REPLACE, "DO SLEEP(2)", AirlockStage.ANN);
      sink.takeNoMore();
      assertThat(sink.drain(IN_TIME)).isTrue();
      assertThat(acks.last()).isEqualTo(new Tso(100));
    }
  }

  /** Its structure is to be read first: it is not the sink's fault that this ends early. */
  @Test
  void interruptWhileTheTargetIsAway_isNoFailure() throws Exception {
    try (MariaDb mortal = MariaDb.start(folder.resolve("mortal"))) {
      mortal.execute("create database " + db, "create table " + db + ".t(v bigint)");
      settings = TargetServer.of(mortal).settings();
      try (MysqlSink sink = open()) {
        mortal.kill9();
        Submission rows = new Submission(sink, transaction(10, insert(t, 1)));
        Awaitility.await().until(() -> rows.thread.getState() == Thread.State.TIMED_WAITING);
        Thread.sleep(AT_ONCE.toMillis());
        rows.interrupt();
        assertThat(rows.awaitEnd()).isInstanceOf(InterruptedException.class);
        assertThat(acks.failure.get()).isNull();
      }
    }
  }

  /** Nothing is run, so only the ledger is told. */
  @Test
  void skipOfTheOnlyStatement_waitsForATargetThatStartsAgain() throws Exception {
    try (MariaDb mortal = MariaDb.start(folder.resolve("mortal"))) {
      mortal.execute("create database " + db, "create table " + db + ".t(v bigint)");
      mortal.execute("insert into " + db + ".t values(1),(1)");
      TargetServer target = TargetServer.of(mortal);
      settings = target.settings();
      DdlAirlock airlock = DdlAirlock.open(folder, OnDdlError.HOLD, Clock.system(), action -> {});
      try (MysqlSink sink = open(airlock)) {
        sink.submit(Upstream.ddl(100, db, "t", "ALTER TABLE `t` ADD UNIQUE INDEX `u`(`v`)"));
        sink.submit(transaction(110, insert(t, 2)));
        mortal.kill9();
        airlock.choose(new Tso(100), Action.SKIP, "", AirlockStage.ANN);
        Thread.sleep(AT_ONCE.toMillis());
        mortal.restart();
        Awaitility.await()
            .atMost(IN_TIME)
            .untilAsserted(
                () -> {
                  assertThat(acks.failure.get()).isNull();
                  assertThat(acks.last()).isEqualTo(new Tso(110));
                });
        assertThat(sink.drain(IN_TIME)).isTrue();
      }
      assertThat(target.rows("select v from " + db + ".t")).containsExactly("1", "1", "2");
    }
  }
}
