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
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.SinkListener;
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
              TargetServer.of(server).settings(),
              cluster,
              ResumeFrom.initial(new Tso(1)),
              new Acks())) {
        killer.start();
        int i = 0;
        while (killer.isAlive() || i < 1500) {
          sink.submit(transaction(100 + i, insert(t, i, "x"), insert(t, i, "x")));
          pause(killer.isAlive() ? 1 : 0);
          i++;
        }
        assertThat(sink.drain(Duration.ofSeconds(90))).isTrue();
        assertThat(sink.counters().retries()).isPositive();
        assertThat(TargetServer.of(server).rows("select count(*), count(distinct v) from d.t"))
            .containsExactly(2 * i + "," + i);
      }
      killer.join();
    }
  }

  /** As when the program's files are replaced under it: a class is not there any more. */
  @Test
  void errorOnAWorker_stopsTheSink_insteadOfHangingIt() throws Exception {
    TargetServer server = TargetKind.MARIADB.server();
    String db = "err" + TargetServer.unique();
    server.execute("create database " + db, "create table " + db + ".t(id int primary key)");
    Error gone = new NoClassDefFoundError("gone");
    Acks acks = new Acks();
    List<Tso> heard = new CopyOnWriteArrayList<>();
    SinkListener dying =
        new SinkListener() {
          @Override
          public void onAcknowledged(SinkItem item) {
            heard.add(item.commitTs());
            throw gone;
          }

          @Override
          public void onFailure(Throwable cause) {
            acks.onFailure(cause);
          }
        };
    ResumeFrom start = ResumeFrom.initial(new Tso(1));
    try (MysqlSink sink = TargetServer.open(server.settings(), cluster, start, dying)) {
      assertThatThrownBy(
              () -> {
                for (int i = 1; i <= 100; i++) {
                  sink.submit(transaction(99 + i, insert(table(db, "t", "id"), i)));
                }
                sink.drain(Duration.ofSeconds(30));
              })
          .hasCause(gone);
      assertThat(heard).as("none behind the first").containsExactly(new Tso(100));
      assertThat(acks.failure.get()).isSameAs(gone);
    }
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
      MysqlTargetSettings settings = TargetServer.of(server).settings();
      try (MysqlSink sink =
          TargetServer.open(settings, cluster, ResumeFrom.initial(new Tso(1)), new Acks())) {
        List<org.tidbbinlog.drainer.sink.RowChange> many = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
          many.add(insert(t, i, "x".repeat(400_000)));
        }
        sink.submit(transaction(10, many));
        assertThat(sink.drain(Duration.ofSeconds(60))).isTrue();
        assertThat(TargetServer.of(server).rows("select count(*), sum(length(v)) from d.t"))
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
  void ddl_isWaitedForAsLongAsConfigured_notForANumberOfTries() throws Exception {
    try (MariaDb server = MariaDb.start(directory.resolve("ddl"))) {
      server.execute("create database d");
      MysqlTargetSettings settings =
          TargetServer.of(server).settings().withLimits(1 << 20, Duration.ofSeconds(7));
      try (MysqlSink sink =
          TargetServer.open(settings, cluster, ResumeFrom.initial(new Tso(1)), new Acks())) {
        server.kill9();
        Thread starter =
            new Thread(
                () -> {
                  pause(2_500);
                  server.restart();
                },
                "test-starter");
        starter.start();
        sink.submit(Upstream.ddl(100, "d", "t", "CREATE TABLE `t` (`id` INT)"));
        starter.join();
        assertThat(sink.drain(Duration.ofSeconds(20))).isTrue();
      }
      assertThat(TargetServer.of(server).rows("select count(*) from d.t")).containsExactly("0");
    }
  }

  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
