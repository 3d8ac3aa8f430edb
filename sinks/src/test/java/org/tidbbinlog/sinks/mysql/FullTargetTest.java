package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tidbbinlog.sinks.mysql.Upstream.insert;
import static org.tidbbinlog.sinks.mysql.Upstream.table;
import static org.tidbbinlog.sinks.mysql.Upstream.transaction;

import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.sink.TableVersion;
import org.tidbbinlog.sinks.mysql.target.TargetFault;
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

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          1114 | HY000 | The table 't' is full                                             | FULL
          1021 | HY000 | Disk full (/tmp); waiting for someone to free some space          | FULL
          1026 | HY000 | Error writing file './binlog.000001' (Errcode: 28)                | FULL
          3    | HY000 | Error writing file '/tmp/MYfd' (Errcode: 28)                      | FULL
          1030 | HY000 | Got error 28 "No space left on device" from storage engine InnoDB | FULL
          1005 | HY000 | Can't create table `d`.`t` (errno: 28 "No space left on device")  | FULL
          1005 | HY000 | Can't create table `d`.`t` (errno: 150 "Foreign key")             | OTHER
          1366 | 22007 | Incorrect integer value: 'no space left on device' for column     | OTHER
          1406 | 22001 | Data too long for column 'v' at row 1                             | OTHER
          """)
  void errors_ofAFullDisk_areToldFromOthers(
      int code, String state, String text, TargetFault fault) {
    assertThat(TargetFault.of(new SQLException(text, state, code))).isEqualTo(fault);
  }
}
