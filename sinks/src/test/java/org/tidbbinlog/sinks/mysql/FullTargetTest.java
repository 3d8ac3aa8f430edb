package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tidbbinlog.sinks.mysql.Upstream.insert;
import static org.tidbbinlog.sinks.mysql.Upstream.table;
import static org.tidbbinlog.sinks.mysql.Upstream.transaction;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.sink.TableVersion;
import org.tidbbinlog.testkit.mariadb.MariaDb;
import org.tidbbinlog.testkit.mariadb.MariaDbOptions;

/** No room at the target: for a while, and for longer than we wait. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class FullTargetTest {
  @TempDir Path directory = Path.of("");
  private final long cluster = TargetServer.unique();
  private final TableVersion t = table("d", "t", "id", "v");
  private final String big = "x".repeat(4_000);
  private final int count = 120;

  /**
   * The table must not grow above 1 MB, of which filling takes most. (InnoDB's own limits end in a
   * crash of the server too often.) The engine keeps rows of a transaction that is undone, so each
   * row is a transaction.
   */
  private MariaDb smallServer() {
    MariaDb server =
        MariaDb.start(
            directory.resolve("data"), MariaDbOptions.forTests().with("--max-heap-table-size=1M"));
    server.execute(
        "create database d",
        "create table d.t(id int primary key, v varchar(4000)) engine=memory charset=latin1",
        "use d",
        "insert into d.t select -seq, 'filling' from seq_1_to_180");
    return server;
  }

  private MysqlSink open(MariaDb server, Duration retryLimit, Acks acks) {
    MysqlTargetSettings settings =
        MysqlTargetSettings.of("127.0.0.1", server.port(), "root", "")
            .withWorkers(2, 1)
            .withLimits(64L << 20, retryLimit);
    return TargetServer.open(settings, cluster, ResumeFrom.initial(new Tso(1)), acks);
  }

  private void submitAll(MysqlSink sink) throws InterruptedException {
    for (int i = 0; i < count; i++) {
      sink.submit(transaction(100 + i, insert(t, i, big)));
    }
  }

  @Test
  void fullTarget_isWaitedForUntilThereIsRoom_andNothingIsLost() throws Exception {
    Acks acks = new Acks();
    try (MariaDb server = smallServer();
        MysqlSink sink = open(server, Duration.ofMinutes(1), acks)) {
      submitAll(sink);
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> sink.counters().retries() > 8 || acks.failure.get() != null);
      assertThat(acks.failure.get()).isNull();
      assertThat(TargetServer.of(server).rows("select count(*)<" + count + " from d.t where id>=0"))
          .containsExactly("1");
      server.execute("delete from d.t where id<0");
      assertThat(sink.drain(Duration.ofSeconds(60))).isTrue();
      assertThat(TargetServer.of(server).rows("select count(*), sum(length(v)) from d.t"))
          .containsExactly(count + "," + count * big.length());
    }
  }

  @Test
  void fullTarget_longerThanWeWait_stopsUsWithTheWayOut_andTheNextStartGoesOn() throws Exception {
    try (MariaDb server = smallServer()) {
      try (MysqlSink sink = open(server, Duration.ofSeconds(1), new Acks())) {
        assertThatThrownBy(
                () -> {
                  submitAll(sink);
                  sink.drain(Duration.ofSeconds(30));
                })
            .isInstanceOf(OperatorException.class)
            .hasMessageContaining("is full")
            .hasMessageContaining("make room")
            .hasMessageContaining("nothing is lost")
            .hasMessageNotContaining("ignore-")
            .hasMessageNotContaining("\n");
      }
      server.execute("delete from d.t where id<0");
      try (MysqlSink sink = open(server, Duration.ofSeconds(10), new Acks())) {
        submitAll(sink);
        assertThat(sink.drain(Duration.ofSeconds(30))).isTrue();
      }
      assertThat(TargetServer.of(server).rows("select count(*), sum(length(v)) from d.t"))
          .containsExactly(count + "," + count * big.length());
    }
  }
}
