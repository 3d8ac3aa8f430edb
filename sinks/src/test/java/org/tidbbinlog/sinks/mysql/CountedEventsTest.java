package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tidbbinlog.sinks.mysql.Upstream.delete;
import static org.tidbbinlog.sinks.mysql.Upstream.insert;
import static org.tidbbinlog.sinks.mysql.Upstream.table;
import static org.tidbbinlog.sinks.mysql.Upstream.transaction;
import static org.tidbbinlog.sinks.mysql.Upstream.update;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.sink.RowChange;
import org.tidbbinlog.drainer.sink.TableVersion;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.Detection;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.Dispatch;
import org.tidbbinlog.sinks.mysql.apply.SinkCounters;

/** Each row change that is written counts once, however often it was tried. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class CountedEventsTest {
  private final String db = "ce" + TargetServer.unique();
  private final TargetServer server = TargetKind.MARIADB.server();
  private final CountedEvents events = new CountedEvents();

  @BeforeEach
  void createDatabase() {
    server.execute("create database " + db + " collate utf8mb4_bin");
  }

  @AfterEach
  void dropDatabase() {
    server.execute("drop database " + db);
  }

  @ParameterizedTest
  @EnumSource(Dispatch.class)
  void rowsOfABatchThatIsRefusedFirst_countOnce(Dispatch dispatch) throws Exception {
    TableVersion t = table(db, "t", "id", "v");
    server.execute(
        "create table " + db + ".t(id int primary key, v int)",
        "insert into " + db + ".t values(2,0),(8,8),(9,9)");
    apply(
        dispatch,
        insert(t, 1, 1),
        insert(t, 2, 2),
        update(t, List.of(8, 8), List.of(8, 7)),
        delete(t, 9, 9));
    assertThat(server.rows("select * from " + db + ".t")).containsExactly("1,1", "2,2", "8,7");
    assertThat(events.counts()).isEqualTo(Map.of("Insert", 2, "Update", 1, "Delete", 1));
  }

  private void apply(Dispatch dispatch, RowChange... rows) throws Exception {
    try (MysqlSink sink =
        TargetServer.open(
            server.settings().withDispatch(dispatch, Detection.ON),
            TargetServer.unique(),
            ResumeFrom.initial(new Tso(1)),
            new Acks(),
            new SinkCounters(events))) {
      sink.submit(transaction(10, rows));
      assertThat(sink.drain(Duration.ofSeconds(60))).isTrue();
    }
  }
}
