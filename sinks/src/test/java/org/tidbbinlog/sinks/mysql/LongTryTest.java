package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tidbbinlog.sinks.mysql.Upstream.insert;
import static org.tidbbinlog.sinks.mysql.Upstream.table;
import static org.tidbbinlog.sinks.mysql.Upstream.transaction;
import static org.tidbbinlog.sinks.mysql.Upstream.update;

import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.TableVersion;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.Detection;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.Dispatch;
import org.tidbbinlog.sinks.mysql.apply.SinkCounters;

/**
 * Work that takes longer at the target than a fault of it is waited for, and is interrupted behind
 * that: it is tried again. The clock is moved while the work waits for a lock there.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class LongTryTest {
  private static final Duration LIMIT = Duration.ofMinutes(5);

  private final TargetServer server = TargetKind.MARIADB.server();
  private final MysqlTargetSettings settings =
      server
          .settingsOfNewUser("p")
          .withWorkers(1, 20)
          .withLimits(1 << 20, LIMIT)
          .withDispatch(Dispatch.TRANSACTIONS, Detection.ON);
  private final String user = settings.endpoint().user();
  private final String db = "lt" + TargetServer.unique();
  private final TableVersion t = table(db, "t", "id", "v");
  private final Hands clock = new Hands();
  private final Acks acks = new Acks();

  /** The system's time, and what was put on it. */
  private static final class Hands implements Clock {
    private final AtomicLong aheadNs = new AtomicLong();

    @Override
    public Instant now() {
      return Clock.system().now().plusNanos(aheadNs.get());
    }

    @Override
    public long nanoTime() {
      return Clock.system().nanoTime() + aheadNs.get();
    }

    @Override
    public void sleep(Duration duration) throws InterruptedException {
      Clock.system().sleep(duration);
    }

    void pass(Duration duration) {
      aheadNs.addAndGet(duration.toNanos());
    }
  }

  @BeforeEach
  void makeTable() {
    server.execute(
        "create database " + db,
        "create table " + db + ".t(id int primary key, v int)",
        "insert into " + db + ".t values(1,0)");
  }

  @AfterEach
  void drop() {
    server.execute("drop database " + db, "drop user " + user);
  }

  private MysqlSink open() {
    return MysqlSink.open(
        settings,
        TargetServer.unique(),
        ResumeFrom.initial(new Tso(1)),
        acks,
        new SinkCounters(SinkCounters.Listener.NONE),
        clock,
        new Random(1));
  }

  /** The session of ours that has waited for a lock for a while, another than before. */
  private String awaitWaiting(String state, String before) {
    String list =
        "select id from information_schema.processlist where user='%s' and state='%s' and id<>'%s'"
            .formatted(user, state, before);
    return Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> server.rows(list + " and time_ms>300"), found -> !found.isEmpty())
        .get(0);
  }

  private void kill(String session) {
    server.execute("kill hard connection " + session);
  }

  private SinkItem keptTogether() {
    return transaction(10, insert(t, 2, 2), update(t, List.of(1, 0), List.of(1, 1)));
  }

  @Test
  void transactionOfMoreThanTheLimit_thatIsInterruptedThen_isWrittenAgain() throws Exception {
    try (MysqlSink sink = open();
        Connection other = server.connect();
        Statement holds = other.createStatement()) {
      other.setAutoCommit(false);
      holds.executeQuery("select * from " + db + ".t where id=1 for update").close();
      sink.submit(keptTogether());
      String first = awaitWaiting("Updating", "");
      clock.pass(LIMIT.plusMinutes(1));
      kill(first);
      String second = awaitWaiting("Updating", first);
      clock.pass(LIMIT.plusMinutes(1));
      kill(second);
      awaitWaiting("Updating", second);
      other.rollback();
      assertThat(sink.drain(Duration.ofSeconds(30))).isTrue();
    }
    assertThat(acks.failure.get()).isNull();
    assertThat(server.rows("select * from " + db + ".t")).containsExactly("1,1", "2,2");
  }

  @Test
  void ddlOfMoreThanTheLimit_thatIsInterruptedASecondTime_isRunAgain() throws Exception {
    String waits = "Waiting for table metadata lock";
    try (MysqlSink sink = open();
        Connection other = server.connect();
        Statement holds = other.createStatement()) {
      other.setAutoCommit(false);
      holds.executeQuery("select * from " + db + ".t").close();
      Thread runs =
          new Thread(
              () -> {
                try {
                  sink.submit(Upstream.ddl(10, db, "t", "ALTER TABLE `t` ADD COLUMN `w` INT"));
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                } catch (RuntimeException e) {
                  acks.onFailure(e);
                }
              },
              "test-ddl");
      runs.start();
      String first = awaitWaiting(waits, "");
      kill(first);
      String second = awaitWaiting(waits, first);
      clock.pass(LIMIT.plusMinutes(1));
      kill(second);
      awaitWaiting(waits, second);
      other.rollback();
      runs.join();
      assertThat(acks.failure.get()).isNull();
      assertThat(sink.drain(Duration.ofSeconds(30))).isTrue();
    }
    assertThat(server.rows("select * from " + db + ".t")).containsExactly("1,0,null");
  }
}
