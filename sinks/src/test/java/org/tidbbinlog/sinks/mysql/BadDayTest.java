package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tidbbinlog.sinks.mysql.TargetServer.rows;
import static org.tidbbinlog.sinks.mysql.Upstream.insert;
import static org.tidbbinlog.sinks.mysql.Upstream.table;
import static org.tidbbinlog.sinks.mysql.Upstream.transaction;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.sink.Checkpoint;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.TableVersion;
import org.tidbbinlog.testkit.mariadb.MariaDb;
import org.tidbbinlog.testkit.mariadb.MariaDbOptions;

/** What goes wrong around a target, and what comes of it. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class BadDayTest {
  @TempDir Path directory = Path.of("");
  private final long cluster = TargetServer.unique();

  @Test
  void killedTarget_inMidBatch_isWaitedForAndNothingDoubles() throws Exception {
    try (MariaDb server = MariaDb.start(directory.resolve("data"))) {
      server.execute("create database d", "create table d.t(v int, w varchar(20))");
      TableVersion t = table("d", "t", "v", "w");
      Random random = new Random(7);
      Thread killer =
          new Thread(
              () -> {
                for (int i = 0; i < 4; i++) {
                  pause(100 + random.nextInt(150));
                  server.kill9();
                  server.restart();
                }
              },
              "test-killer");
      try (MysqlSink sink =
          TargetServer.open(
              TargetServer.settings(server), cluster, ResumeFrom.initial(new Tso(1)), new Acks())) {
        killer.start();
        int i = 0;
        while (killer.isAlive() || i < 1500) {
          sink.submit(transaction(100 + i, insert(t, i, "x"), insert(t, i, "x")));
          pause(killer.isAlive() ? 1 : 0);
          i++;
        }
        assertThat(sink.drain(Duration.ofSeconds(90))).isTrue();
        assertThat(sink.counters().retries()).isPositive();
        assertThat(rows(server, "select count(*), count(distinct v) from d.t"))
            .containsExactly(2 * i + "," + i);
      }
      killer.join();
    }
  }

  @Test
  void cutConnections_atAnyMoment_loseAndDoubleNothing() throws Exception {
    String db = "cut" + TargetServer.unique();
    MariaDb server = TargetServer.shared();
    server.execute("create database " + db, "create table " + db + ".t(v int)");
    TableVersion t = table(db, "t", "v");
    int count = 3000;
    MysqlTargetSettings settings = TargetServer.settings();
    String lock = settings.ledgerSchema() + "." + cluster;
    try (MysqlSink sink =
        TargetServer.open(settings, cluster, ResumeFrom.initial(new Tso(1)), new Acks())) {
      Thread cutter = new Thread(() -> cutConnections(server, lock, 60), "test-cutter");
      cutter.start();
      for (int i = 0; i < count; i++) {
        sink.submit(transaction(100 + i, insert(t, i)));
        if (i % 50 == 0) {
          pause(10);
        }
      }
      cutter.join();
      assertThat(sink.drain(Duration.ofSeconds(60))).isTrue();
      assertThat(sink.counters().retries()).isPositive();
    }
    assertThat(rows(server, "select count(*), count(distinct v) from " + db + ".t"))
        .containsExactly(count + "," + count);
    server.execute("drop database " + db);
  }

  private static void cutConnections(MariaDb server, String lock, int times) {
    try (Connection connection = server.connect();
        var statement = connection.createStatement()) {
      for (int i = 0; i < times; i++) {
        List<Long> ids = new ArrayList<>();
        try (ResultSet list =
            statement.executeQuery(
                "select id from information_schema.processlist where id<>connection_id()"
                    + " and id<>ifnull(is_used_lock('"
                    + lock
                    + "'),0)")) {
          while (list.next()) {
            ids.add(list.getLong(1));
          }
        }
        for (long id : ids) {
          try {
            statement.execute("kill hard connection " + id);
          } catch (SQLException gone) {
            // It ended by itself.
          }
        }
        pause(5);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void secondDrainer_isRefused_andMayStartAfterTheFirst() throws Exception {
    MysqlTargetSettings settings = TargetServer.settings();
    MysqlSink first =
        TargetServer.open(settings, cluster, ResumeFrom.initial(new Tso(1)), new Acks());
    assertThatThrownBy(
            () -> TargetServer.open(settings, cluster, ResumeFrom.initial(new Tso(1)), new Acks()))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("another Drainer")
        .hasMessageNotContaining("\n");
    first.close();
    TargetServer.open(settings, cluster, ResumeFrom.initial(new Tso(1)), new Acks()).close();
  }

  @Test
  void drainerThatLostItsLock_cannotWriteAfterTheNextOneStarted() throws Exception {
    String db = "fence" + TargetServer.unique();
    MariaDb server = TargetServer.shared();
    server.execute("create database " + db, "create table " + db + ".t(v int)");
    TableVersion t = table(db, "t", "v");
    MysqlTargetSettings settings = TargetServer.settings();
    Acks acks = new Acks();
    try (MysqlSink old =
        TargetServer.open(settings, cluster, ResumeFrom.initial(new Tso(1)), acks)) {
      old.submit(transaction(10, insert(t, 1)));
      assertThat(old.drain(Duration.ofSeconds(20))).isTrue();
      String lock = "'" + settings.ledgerSchema() + "." + cluster + "'";
      String holder = rows(server, "select is_used_lock(" + lock + ")").get(0);
      server.execute("kill " + holder);
      try (MysqlSink next =
          TargetServer.open(settings, cluster, ResumeFrom.initial(new Tso(1)), new Acks())) {
        assertThat(next.lowWatermark()).isNotNull();
        old.submit(transaction(20, insert(t, 2)));
        assertThatThrownBy(() -> old.drain(Duration.ofSeconds(20)))
            .isInstanceOf(OperatorException.class)
            .hasMessageContaining("taken over");
      }
    }
    assertThat(rows(server, "select v from " + db + ".t")).containsExactly("1");
    server.execute("drop database " + db);
  }

  @Test
  void wrongPasswordAndClosedTarget_areOneLine() {
    MysqlTargetSettings settings = TargetServer.settings();
    int port = settings.endpoint().port();
    assertThatThrownBy(
            () ->
                TargetServer.open(
                    MysqlTargetSettings.of("127.0.0.1", port, "nobody", "p@ss/wo:rd?&'\""),
                    cluster,
                    ResumeFrom.initial(new Tso(1)),
                    new Acks()))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("nobody@127.0.0.1")
        .hasMessageContaining("password")
        .hasMessageNotContaining("p@ss")
        .hasMessageNotContaining("\n");
    assertThatThrownBy(
            () ->
                TargetServer.open(
                    MysqlTargetSettings.of("127.0.0.1", 1, "root", ""),
                    cluster,
                    ResumeFrom.initial(new Tso(1)),
                    new Acks()))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("127.0.0.1:1")
        .hasMessageNotContaining("\n");
  }

  @Test
  void passwordWithSpecialCharacters_works() {
    String password = "p@ss/wo:rd?&%'\\\"#";
    TargetServer.shared()
        .execute(
            "create or replace user odd@'127.0.0.1' identified by 'p@ss/wo:rd?&%\\'\\\\\"#'",
            "grant all on *.* to odd@'127.0.0.1'");
    MysqlTargetSettings settings =
        MysqlTargetSettings.of(
                "127.0.0.1", TargetServer.settings().endpoint().port(), "odd", password)
            .withLedgerSchema("tidb_binlog_" + TargetServer.unique());
    TargetServer.open(settings, cluster, ResumeFrom.initial(new Tso(1)), new Acks()).close();
  }

  @Test
  void rowLargerThanThePacket_isNamed_andManyLargeRowsAreSplit() throws Exception {
    try (MariaDb server =
        MariaDb.start(
            directory.resolve("small"),
            MariaDbOptions.forTests().with("--max-allowed-packet=1M"))) {
      server.execute(
          "create database d collate utf8mb4_bin",
          "create table d.t(id int primary key, v longtext)");
      TableVersion t = table("d", "t", "id", "v");
      MysqlTargetSettings settings = TargetServer.settings(server);
      try (MysqlSink sink =
          TargetServer.open(settings, cluster, ResumeFrom.initial(new Tso(1)), new Acks())) {
        List<org.tidbbinlog.drainer.sink.RowChange> many = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
          many.add(insert(t, i, "x".repeat(400_000)));
        }
        sink.submit(transaction(10, many));
        assertThat(sink.drain(Duration.ofSeconds(60))).isTrue();
        assertThat(rows(server, "select count(*), sum(length(v)) from d.t"))
            .containsExactly("20,8000000");
        sink.submit(transaction(20, insert(t, 99, "y".repeat(2_000_000))));
        assertThatThrownBy(() -> sink.drain(Duration.ofSeconds(60)))
            .isInstanceOf(OperatorException.class)
            .hasMessageContaining("max_allowed_packet")
            .hasMessageContaining("`d`.`t`");
      }
    }
  }

  @Test
  @DisplayName("drainer fact 19: an old checkpoint row loads")
  void checkpointRows_ofAllEras_load() {
    MysqlTargetSettings settings = TargetServer.settings();
    try (MysqlCheckpointStore store = MysqlCheckpointStore.open(settings, cluster)) {
      assertThat(store.load()).isEmpty();
      String table = settings.ledgerSchema() + ".checkpoint";
      TargetServer.shared()
          .execute(
              "replace into "
                  + table
                  + " values("
                  + cluster
                  + ",'{\"commitTS\":5,\"ts-map\":{\"master-ts\":4,\"slave-ts\":9}}')");
      Optional<Checkpoint> old = store.load();
      assertThat(old.map(Checkpoint::commitTs)).contains(new Tso(5));
      assertThat(old.orElseThrow().tsMap()).containsEntry("primary-ts", 4L);

      store.save(new Checkpoint(true, new Tso(77), Map.of("primary-ts", 1L), 12));
      assertThat(rows(TargetServer.shared(), "select checkPoint from " + table))
          .containsExactly(
              "{\"consistent\":true,\"commitTS\":77,\"ts-map\":{\"primary-ts\":1},"
                  + "\"schema-version\":12}");
      assertThatThrownBy(() -> store.save(new Checkpoint(false, new Tso(76), Map.of(), 12)))
          .isInstanceOf(OperatorException.class)
          .hasMessageContaining("ahead");
    }
  }

  @Test
  void takeoverFromAnotherDrainer_writesSafelyAtFirst() throws Exception {
    String db = "take" + TargetServer.unique();
    MariaDb server = TargetServer.shared();
    server.execute(
        "create database " + db,
        "create table " + db + ".t(id int primary key, v int)",
        "insert into " + db + ".t values(1,1)");
    TableVersion t = table(db, "t", "id", "v");
    SinkItem.Transaction overlapping = transaction(20, insert(t, 1, 1), insert(t, 2, 2));
    try (MysqlSink sink =
        TargetServer.open(
            TargetServer.settings(), cluster, ResumeFrom.checkpoint(new Tso(10)), new Acks())) {
      sink.submit(overlapping);
      assertThat(sink.drain(Duration.ofSeconds(20))).isTrue();
      assertThat(sink.counters().divergences()).isZero();
    }
    assertThat(rows(server, "select * from " + db + ".t")).containsExactly("1,1", "2,2");
    server.execute("drop database " + db);
  }

  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
