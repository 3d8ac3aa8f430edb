package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.tidbbinlog.sinks.mysql.Upstream.insert;
import static org.tidbbinlog.sinks.mysql.Upstream.table;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.airlock.DdlChoice.Action;
import org.tidbbinlog.drainer.airlock.OnDdlError;
import org.tidbbinlog.drainer.sink.TableVersion;
import org.tidbbinlog.sinks.LentRows;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.Detection;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.Dispatch;

/**
 * The sink gives the rows of a transaction back once, as soon as nothing of them is to be written:
 * what waits for an acknowledgement holds no rows, and is bounded in number (I10).
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class RowsGivenBackTest {
  private static final int MOST_PENDING = 100_000;

  @TempDir Path folder = Path.of("");
  private final TargetServer server = TargetKind.MARIADB.server();
  private final String db = "gb" + TargetServer.unique();
  private final TableVersion stuck = table(db, "stuck", "id");
  private final TableVersion free = table(db, "free", "id");
  private final List<LentRows> lent = new ArrayList<>();
  private final Acks acks = new Acks();

  @BeforeEach
  void makeTables() {
    server.execute(
        "create database " + db,
        "create table " + db + ".stuck(id int primary key)",
        "create table " + db + ".free(id int primary key)");
  }

  @AfterEach
  void dropDatabase() {
    server.execute("drop database " + db);
  }

  private MysqlSink open(Dispatch dispatch) {
    return TargetServer.open(
        server.settings().withDispatch(dispatch, Detection.ON).withWorkers(4, 1),
        TargetServer.unique(),
        ResumeFrom.initial(new Tso(1)),
        acks);
  }

  private LentRows lend(TableVersion table, long id) {
    LentRows rows = new LentRows(insert(table, id));
    lent.add(rows);
    return rows;
  }

  /** Nobody else writes to the table until the connection ends. */
  private Connection lockedTable() throws Exception {
    Connection connection = server.connect();
    try (Statement statement = connection.createStatement()) {
      statement.execute("lock tables " + db + ".stuck write");
    }
    return connection;
  }

  private void assertAllGivenBackOnce() {
    assertThat(lent).extracting(LentRows::releases).containsOnly(1);
  }

  @Test
  void rowsAppliedBehindAStuckTransaction_areGivenBackBeforeTheyAreAcknowledged() throws Exception {
    try (MysqlSink sink = open(Dispatch.ROWS)) {
      LentRows first = lend(stuck, 1);
      try (Connection lock = lockedTable()) {
        sink.submit(first.at(10));
        for (int i = 1; i <= 50; i++) {
          sink.submit(lend(free, i).at(10 + i));
        }
        // A few are behind the first in its worker's queue.
        await()
            .untilAsserted(
                () -> {
                  List<String> applied = server.rows("select id from " + db + ".free");
                  assertThat(applied).hasSizeGreaterThan(20);
                  assertThat(applied)
                      .extracting(id -> lent.get(Integer.parseInt(id)).releases())
                      .containsOnly(1);
                });
        assertThat(acks.last()).isEqualTo(Tso.ZERO);
        assertThat(first.releases()).isZero();
        assertThat(lock.isClosed()).isFalse();
      }
      assertThat(sink.drain(Duration.ofSeconds(30))).isTrue();
      assertThat(acks.last()).isEqualTo(new Tso(60));
    }
    assertAllGivenBackOnce();
  }

  @ParameterizedTest
  @EnumSource(Dispatch.class)
  void rowsUnderWayWhenTheSinkEnds_areGivenBack(Dispatch dispatch) throws Exception {
    try (Connection lock = lockedTable()) {
      try (MysqlSink sink = open(dispatch)) {
        sink.submit(lend(stuck, 1).at(10));
        sink.submit(lend(free, 2).at(20));
        assertThat(sink.drain(Duration.ofMillis(200))).isFalse();
      }
      assertThat(lock.isClosed()).isFalse();
    }
    assertAllGivenBackOnce();
  }

  @ParameterizedTest
  @EnumSource(Dispatch.class)
  void rowsThatTheTargetRefuses_andThoseBehindThem_areGivenBack(Dispatch dispatch)
      throws Exception {
    try (MysqlSink sink = open(dispatch)) {
      TableVersion text = table(db, "free", "id");
      LentRows refused = new LentRows(insert(text, "no number"));
      lent.add(refused);
      sink.submit(refused.at(10));
      await().until(() -> acks.failure.get() != null);
      assertThatThrownBy(() -> sink.submit(lend(free, 1).at(20)))
          .isInstanceOf(OperatorException.class);
    }
    assertAllGivenBackOnce();
  }

  @Test
  void transactionsLeftOutBehindAStuckOne_waitAboveABound() throws Exception {
    TableVersion n = table(db, "n", "v");
    AtomicInteger submitted = new AtomicInteger();
    try (AirlockStage stage = new AirlockStage(server, server.settings(), folder)) {
      stage
          .start(OnDdlError.HOLD)
          .submit(
              Upstream.ddl(100, db, "n", "CREATE TABLE `n` (v BIGINT, CONSTRAINT nonsense)"),
              Upstream.transaction(110, insert(n, 1)));
      var createHeld = stage.awaitHeld();
      assertThat(createHeld.commitTs()).isEqualTo(new Tso(100));
      stage.choose(Action.SKIP, "");
      await().until(() -> stage.awaitHeld().commitTs().equals(new Tso(110)));
      stage.choose(Action.SKIP, "");
      stage.awaitAllApplied();
      LentRows first = new LentRows(insert(stuck, 1));
      int all = MOST_PENDING + 500;
      List<LentRows> leftOut =
          IntStream.range(0, all).mapToObj(i -> new LentRows(insert(n, i))).toList();
      Thread submitter =
          new Thread(
              () -> {
                try {
                  for (LentRows rows : leftOut) {
                    stage.submit(rows.at(200 + submitted.get()));
                    submitted.incrementAndGet();
                  }
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              },
              "test-submitter");
      try (Connection lock = lockedTable()) {
        stage.submit(first.at(199));
        submitter.start();
        await().atMost(Duration.ofSeconds(60)).until(() -> submitted.get() >= MOST_PENDING - 1);
        Thread.sleep(500);
        assertThat(submitted.get()).isLessThanOrEqualTo(MOST_PENDING);
        assertThat(leftOut.subList(0, submitted.get()))
            .extracting(LentRows::releases)
            .containsOnly(1);
        assertThat(first.releases()).isZero();
        assertThat(lock.isClosed()).isFalse();
      }
      submitter.join(30_000);
      assertThat(submitted.get()).isEqualTo(all);
      stage.awaitAllApplied();
      assertThat(stage.acknowledged()).isEqualTo(new Tso(200 + all - 1));
      assertThat(stage.counters().rowsLeftOut()).isEqualTo(1 + all);
    }
  }
}
