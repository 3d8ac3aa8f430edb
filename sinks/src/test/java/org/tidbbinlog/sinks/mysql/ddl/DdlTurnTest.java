package org.tidbbinlog.sinks.mysql.ddl;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings;
import org.tidbbinlog.sinks.mysql.target.SqlSession;
import org.tidbbinlog.sinks.mysql.target.TargetConnector;
import org.tidbbinlog.testkit.mariadb.MariaDb;

@Timeout(value = 1, unit = TimeUnit.MINUTES)
class DdlTurnTest {
  @TempDir Path directory = Path.of("");

  /** Ten times as fast as the system's. */
  private static final class FastClock implements Clock {
    @Override
    public Instant now() {
      return Clock.system().now();
    }

    @Override
    public long nanoTime() {
      return Clock.system().nanoTime() * 10;
    }

    @Override
    public void sleep(Duration duration) throws InterruptedException {
      Clock.system().sleep(duration.dividedBy(10));
    }
  }

  @Test
  void lostStatement_isWaitedForUntilItEnds_andTheWaitIsTold() throws Exception {
    Logger logger = (Logger) LoggerFactory.getLogger(DdlTurn.class);
    ListAppender<ILoggingEvent> told = new ListAppender<>();
    told.start();
    logger.addAppender(told);
    try (MariaDb server = MariaDb.start(directory.resolve("data"))) {
      TargetConnector connector =
          TargetConnector.probe(MysqlTargetSettings.of("127.0.0.1", server.port(), "root", ""));
      try (SqlSession lost = connector.openForDdl();
          SqlSession next = connector.openForDdl()) {
        Thread statement = new Thread(() -> sleepAtServer(lost), "test-statement");
        statement.start();
        while (next.query(
                "select id from information_schema.processlist where info like 'select sleep%'")
            .isEmpty()) {
          Thread.sleep(10);
        }
        DdlTurn.awaitEnd(next, lost.mark(), new FastClock(), new Random(1));
        statement.join(1_000);
        assertThat(statement.isAlive()).isFalse();
      }
    } finally {
      logger.detachAppender(told);
    }
    assertThat(List.copyOf(told.list).stream().map(ILoggingEvent::getFormattedMessage).toList())
        .contains("ddl waits for the end of its lost statement");
  }

  private static void sleepAtServer(SqlSession session) {
    try {
      session.execute("select sleep(3)");
    } catch (SQLException e) {
      // Its connection is ended as soon as it has nothing to do.
    }
  }
}
