package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.filter.FilterSettings;
import org.tidbbinlog.drainer.filter.Loopback;

/**
 * With loopback control each DDL that the sink sends carries the mark of its channel, the server's
 * log says so: without it the other site's Drainer would send the DDL back.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class DdlMarkTest {
  @TempDir static Path folder = Path.of("");

  @RegisterExtension static final OwnServer SERVER = new OwnServer(() -> folder.resolve("server"));

  private static final Loopback CHANNEL = Loopback.channel(7);
  private final TargetServer server = SERVER.target();
  private final String db = "m" + TargetServer.unique();

  @BeforeEach
  void log() {
    server.execute("set global log_output='TABLE'", "set global general_log=1");
  }

  @AfterEach
  void stopLog() {
    server.execute("set global general_log=0", "truncate table mysql.general_log");
  }

  private void apply(MysqlTargetSettings settings, SmallTidb tidb) throws Exception {
    try (MysqlSink sink =
        TargetServer.open(
            settings, TargetServer.unique(), ResumeFrom.initial(new Tso(1)), new Acks())) {
      for (var item : tidb.items()) {
        sink.submit(item);
      }
      assertThat(sink.drain(Duration.ofSeconds(30))).isTrue();
    }
  }

  /** What changed structures, but those of the sink's own bookkeeping. */
  private List<String> ddlOf(MysqlTargetSettings settings) {
    return server
        .rows(
            "select convert(argument using utf8mb4) from mysql.general_log where"
                + " command_type='Query' and argument regexp"
                + " '^(/[*].*[*]/ *)?(create|drop|alter|truncate|rename)'")
        .stream()
        .filter(sql -> !sql.contains(settings.ledgerSchema()) && !sql.contains("retl"))
        .toList();
  }

  private SmallTidb tidb() throws Exception {
    return new SmallTidb(FilterSettings.DEFAULT)
        .database(db)
        .table(db, "t", "create table t(id bigint primary key)", "id");
  }

  @Test
  void ddl_isSentWithTheMark_alsoWhenItIsSentAgainWithOtherCollations() throws Exception {
    MysqlTargetSettings settings = server.settings().withLoopback(CHANNEL);
    SmallTidb tidb =
        tidb()
            .table(
                db,
                "c",
                "create table c(id bigint primary key, a varchar(9) collate utf8mb4_xx_0900_ai_ci)",
                "id",
                "a text");
    tidb.truncate(db, "t", "truncate table t");
    apply(settings, tidb);
    List<String> sent = ddlOf(settings);
    assertThat(sent).hasSize(5).allMatch(CHANNEL::isMarked);
    assertThat(sent).filteredOn(sql -> sql.contains("table c")).hasSize(2);
    assertThat(server.rows("show tables from " + db)).containsExactly("c", "t");
  }

  @Test
  void movesOfKeptTables_areSentWithTheMark() throws Exception {
    MysqlTargetSettings settings =
        server.settings().withLoopback(CHANNEL).withKeepDropped(Duration.ofHours(1));
    SmallTidb tidb = tidb().truncate(db, "t", "truncate table t");
    tidb.drop(db, "t", "drop table t")
        .table(db, "t", "create table t(id bigint primary key)", "id");
    apply(settings, tidb.dropDatabase(db));
    List<String> sent = ddlOf(settings);
    assertThat(sent).allMatch(CHANNEL::isMarked);
    assertThat(sent)
        .filteredOn(sql -> sql.contains("rename table") && sql.contains("tidb_binlog_dropped"))
        .hasSize(3);
    assertThat(sent).anyMatch(sql -> sql.contains("like"));
  }

  @Test
  void withoutLoopbackControl_nothingIsMarked() throws Exception {
    MysqlTargetSettings settings = server.settings();
    apply(settings, tidb());
    assertThat(ddlOf(settings)).hasSize(2).noneMatch(sql -> sql.contains("channel"));
  }
}
