package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tidbbinlog.sinks.mysql.Upstream.insert;
import static org.tidbbinlog.sinks.mysql.Upstream.table;
import static org.tidbbinlog.sinks.mysql.Upstream.transaction;
import static org.tidbbinlog.sinks.mysql.Upstream.update;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.TableVersion;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.Detection;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.Dispatch;

/** Somebody else holds the rows: our transaction is rolled back, tried again, and there once. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class ContentionTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final TargetServer server = TargetKind.MARIADB.server();
  private final String db = "contended" + TargetServer.unique();
  private final TableVersion t = table(db, "t", "id", "v");
  private final TableVersion keyless = table(db, "keyless", "v");
  private final Acks acks = new Acks();

  @BeforeEach
  void makeTables() {
    server.execute(
        "create database " + db,
        "create table " + db + ".t(id int primary key, v int)",
        "insert into " + db + ".t values(1,10),(2,20)",
        "create table " + db + ".keyless(v int)",
        "create table " + db + ".weight(v int)");
  }

  @AfterEach
  void dropDatabase() {
    server.execute("drop database " + db);
  }

  /** One upstream transaction is one of the target, so that all of it is rolled back and redone. */
  private MysqlSink open(Map<String, String> params) {
    return TargetServer.open(
        server
            .settings()
            .withDispatch(Dispatch.TRANSACTIONS, Detection.ON)
            .withSession(new MysqlTargetSettings.Session("", params, Duration.ofMinutes(1))),
        TargetServer.unique(),
        ResumeFrom.initial(new Tso(1)),
        acks);
  }

  /** A row too many in the keyless table would show that it was applied twice. */
  private SinkItem.Transaction rows() {
    return transaction(
        100,
        insert(keyless, 5),
        update(t, List.of(1, 10), List.of(1, 11)),
        update(t, List.of(2, 20), List.of(2, 21)));
  }

  private void requireAppliedOnce(MysqlSink sink) throws InterruptedException {
    assertThat(sink.drain(LIMIT)).isTrue();
    assertThat(acks.failure.get()).isNull();
    assertThat(acks.last()).isEqualTo(new Tso(100));
    assertThat(server.rows("select * from " + db + ".t")).containsExactly("1,11", "2,21");
    assertThat(server.rows("select * from " + db + ".keyless")).containsExactly("5");
    assertThat(sink.counters().divergences()).isZero();
  }

  private long count(String status) {
    return Long.parseLong(
        server
            .rows(
                "select variable_value from information_schema.global_status where variable_name='"
                    + status
                    + "'")
            .get(0));
  }

  @Test
  void lockWaitTimeout_isTriedAgainUntilTheRowIsFree_andAppliedOnce() throws Exception {
    try (MysqlSink sink = open(Map.of("innodb_lock_wait_timeout", "1"));
        Connection other = server.connect();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("select * from " + db + ".t where id=2 for update");
      sink.submit(rows());
      Awaitility.await()
          .atMost(LIMIT)
          .until(() -> sink.counters().retries() >= 2 || acks.failure.get() != null);
      assertThat(server.rows("select * from " + db + ".keyless"))
          .as("the tries before are rolled back whole")
          .isEmpty();
      other.rollback();
      requireAppliedOnce(sink);
    }
  }

  @Test
  void deadlock_inWhichWeAreTheVictim_isTriedAgain_andAppliedOnce() throws Exception {
    long before = count("Innodb_deadlocks");
    try (MysqlSink sink = open(Map.of());
        Connection other = server.connect();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      // The lighter transaction is the victim: ours.
      statement.execute("insert into " + db + ".weight select seq from " + db + ".seq_1_to_2000");
      statement.execute("select * from " + db + ".t where id=2 for update");
      sink.submit(rows());
      awaitLockWait();
      lockTheOtherRow(statement);
      assertThat(count("Innodb_deadlocks")).as("deadlocks").isEqualTo(before + 1);
      Awaitility.await().atMost(LIMIT).until(() -> sink.counters().retries() >= 1);
      other.rollback();
      requireAppliedOnce(sink);
    }
  }

  private void awaitLockWait() {
    Awaitility.await()
        .atMost(LIMIT)
        .until(
            () ->
                server
                    .rows("select 1 from information_schema.innodb_trx where trx_state='LOCK WAIT'")
                    .contains("1"));
  }

  private void lockTheOtherRow(Statement statement) throws SQLException {
    statement.execute("select * from " + db + ".t where id=1 for update");
  }
}
