package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
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
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.TableVersion;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.Columns;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.OnDivergence;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.SafeMode;
import org.tidbbinlog.sinks.mysql.target.SqlSession;
import org.tidbbinlog.sinks.mysql.target.TargetConnector;

/** {@code sync-mode = 2}: of each row what the target's table has columns for. */
@EachTarget
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class PartialColumnsTest {
  private final String db = "pc" + TargetServer.unique();
  private final TargetServer server;
  private final MysqlTargetSettings settings;

  PartialColumnsTest(TargetKind kind) {
    this.server = kind.server();
    this.settings = server.settings().withModes(SafeMode.OFF, Columns.PARTIAL, OnDivergence.STOP);
  }

  @BeforeEach
  void createDatabase() {
    server.execute("create database " + db + " collate utf8mb4_bin");
  }

  @AfterEach
  void dropDatabase() {
    server.execute("drop database " + db);
  }

  @Test
  void columnsOnlyUpstreamHas_areLeftOutOfAllKindsOfChanges() throws Exception {
    TableVersion t = table(db, "t", "id", "secret", "v");
    server.execute("create table " + db + ".t(id int primary key, v int)");
    apply(
        transaction(10, insert(t, 1, 7, 1), insert(t, 2, 7, 2), insert(t, 3, 7, 3)),
        transaction(20, update(t, List.of(1, 7, 1), List.of(1, 8, 5))),
        transaction(30, update(t, List.of(2, 7, 2), List.of(2, 8, 2))),
        transaction(40, delete(t, 3, 7, 3)));
    assertThat(server.rows("select * from " + db + ".t")).containsExactly("1,5", "2,2");
  }

  @Test
  void columnsOnlyTheTargetHas_takeTheirDefaultAndKeepWhatTheyAreGiven() throws Exception {
    TableVersion t = table(db, "t", "id", "v");
    server.execute(
        "create table "
            + db
            + ".t(id int primary key, v int, note varchar(9) default 'new', at int not null)");
    apply(transaction(10, insert(t, 1, 1), insert(t, 2, 2)));
    server.execute("update " + db + ".t set note='seen', at=4 where id=1");
    apply(transaction(20, update(t, List.of(1, 1), List.of(1, 5)), insert(t, 3, 3)));
    assertThat(server.rows("select * from " + db + ".t"))
        .containsExactly("1,5,seen,4", "2,2,new,0", "3,3,new,0");
  }

  @Test
  void keyColumnOnlyTheTargetHas_isAnErrorUnlessTheTargetFillsIt() throws Exception {
    TableVersion t = table(db, "t", "id", "v");
    server.execute(
        "create table " + db + ".t(k int not null, id int, v int, primary key(k), key(id))");
    assertThatThrownBy(() -> apply(transaction(10, insert(t, 1, 1), insert(t, 2, 2))))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("`" + db + "`.`t`")
        .hasMessageContaining("`k`")
        .hasMessageContaining("PRIMARY")
        .hasMessageContaining("AUTO_INCREMENT");
    assertThat(server.rows("select * from " + db + ".t")).isEmpty();
    server.execute("drop table " + db + ".t");
    server.execute(
        "create table "
            + db
            + ".t(k int not null auto_increment, id int, v int, primary key(k), key(id))");
    apply(
        transaction(20, insert(t, 1, 1), insert(t, 2, 2)),
        transaction(30, update(t, List.of(2, 2), List.of(2, 5)), delete(t, 1, 1)));
    assertThat(server.rows("select id, v from " + db + ".t")).containsExactly("2,5");
  }

  @Test
  void columnThatTheTargetLosesOnTheWay_isLeftOutFromThenOn() throws Exception {
    TableVersion t = table(db, "t", "id", "v", "w");
    server.execute("create table " + db + ".t(id int primary key, v int, w int)");
    try (MysqlSink sink = open()) {
      sink.submit(transaction(10, insert(t, 1, 1, 1)));
      assertThat(sink.drain(Duration.ofSeconds(30))).isTrue();
      server.execute("alter table " + db + ".t drop column w");
      sink.submit(transaction(20, update(t, List.of(1, 1, 1), List.of(1, 2, 2))));
      sink.submit(transaction(30, insert(t, 2, 3, 4)));
      assertThat(sink.drain(Duration.ofSeconds(30))).isTrue();
    }
    assertThat(server.rows("select * from " + db + ".t")).containsExactly("1,2", "2,3");
  }

  @Test
  @DisplayName("mysql-translate fact 12: sync-mode 2 takes STRICT_TRANS_TABLES out of the SQL mode")
  void configuredSqlMode_losesItsStrictness() throws Exception {
    String mode = "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE";
    MysqlTargetSettings.Session strict =
        new MysqlTargetSettings.Session(mode, Map.of(), Duration.ofMinutes(1));
    assertThat(ddlMode(settings.withSession(strict)))
        .isEqualTo("ONLY_FULL_GROUP_BY,NO_ZERO_IN_DATE");
    assertThat(ddlMode(server.settings().withSession(strict))).isEqualTo(mode);
  }

  private static String ddlMode(MysqlTargetSettings of) throws Exception {
    try (SqlSession session = TargetConnector.probe(of).openForDdl()) {
      return session.query("select @@session.sql_mode").get(0).get(0);
    }
  }

  private void apply(SinkItem... items) throws Exception {
    try (MysqlSink sink = open()) {
      for (SinkItem item : items) {
        sink.submit(item);
      }
      assertThat(sink.drain(Duration.ofSeconds(60))).isTrue();
    }
  }

  /** Each with a cluster of its own, so that none goes on from another's end. */
  private MysqlSink open() {
    return TargetServer.open(
        settings, TargetServer.unique(), ResumeFrom.initial(new Tso(1)), new Acks());
  }
}
