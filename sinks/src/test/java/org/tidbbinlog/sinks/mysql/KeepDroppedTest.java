package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tidbbinlog.sinks.mysql.Upstream.column;
import static org.tidbbinlog.sinks.mysql.Upstream.insert;
import static org.tidbbinlog.sinks.mysql.Upstream.table;
import static org.tidbbinlog.sinks.mysql.Upstream.transaction;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.ddl.DdlAction;
import org.tidbbinlog.codec.ddl.DdlJob;
import org.tidbbinlog.codec.ddl.JobState;
import org.tidbbinlog.codec.schema.CiName;
import org.tidbbinlog.codec.schema.DbInfo;
import org.tidbbinlog.codec.schema.SchemaState;
import org.tidbbinlog.codec.schema.TableInfo;
import org.tidbbinlog.drainer.airlock.DdlAirlock;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.StageTimes;
import org.tidbbinlog.drainer.sink.TableVersion;
import org.tidbbinlog.sinks.mysql.apply.SinkCounters;
import org.tidbbinlog.sinks.mysql.ddl.DdlWatcher;
import org.tidbbinlog.sinks.mysql.ddl.DdlWatcher.Step;
import org.tidbbinlog.sinks.mysql.target.TargetConnector;
import org.tidbbinlog.testkit.schema.TableDraft;

/** With {@code keep-dropped} the target can follow RECOVER and FLASHBACK. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class KeepDroppedTest {
  private static final String KEPT = "tidb_binlog_dropped";
  private static final long OLD_ID = 71;
  private static final long NEW_ID = 72;

  private final TargetServer server = TargetKind.MARIADB.server();
  private final long cluster = TargetServer.unique();
  private final String db = "k" + TargetServer.unique();
  private final TableVersion t = table(db, "t", "v");
  private MysqlTargetSettings settings = server.settings().withKeepDropped(Duration.ofHours(24));

  private void apply(DdlWatcher watcher, SinkItem... items) throws Exception {
    Acks acks = new Acks();
    try (MysqlSink sink =
        MysqlSink.open(
            TargetConnector.probe(settings),
            cluster,
            ResumeFrom.initial(new Tso(1)),
            acks,
            new SinkCounters(SinkCounters.Listener.NONE),
            Clock.system(),
            new Random(1),
            DdlAirlock.stopping(Clock.system()),
            watcher)) {
      for (SinkItem item : items) {
        sink.submit(item);
      }
      assertThat(sink.drain(Duration.ofSeconds(20))).isTrue();
      assertThat(acks.failure.get()).isNull();
    }
  }

  private static JsonNode json(String text) {
    try {
      return new ObjectMapper().readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private SinkItem ddl(long ts, DdlAction action, long tableId, String table, String query) {
    TableInfo info = TableDraft.plain(tableId, table, List.of(column(0, "v"))).done();
    boolean ofDatabase = table.isEmpty();
    DdlJob job =
        new DdlJob(
            ts,
            action,
            action.number(),
            1,
            action == DdlAction.TRUNCATE_TABLE ? OLD_ID : tableId,
            db,
            table,
            JobState.SYNCED,
            SchemaState.PUBLIC,
            ofDatabase ? json("[{\"OldSchemaName\":{\"O\":\"" + db + "\"}}]") : NullNode.instance,
            query,
            1,
            ofDatabase
                ? new DbInfo(1, CiName.of(db), "utf8mb4", "utf8mb4_bin", SchemaState.PUBLIC)
                : null,
            ofDatabase ? null : info,
            List.of(),
            ts);
    return new SinkItem.Ddl(
        new Tso(ts), 1, job, query, db, table, SinkItem.Execution.EXECUTE, new StageTimes());
  }

  private SinkItem[] made() {
    return new SinkItem[] {
      ddl(10, DdlAction.CREATE_SCHEMA, 0, "", "CREATE DATABASE `" + db + "`"),
      ddl(20, DdlAction.CREATE_TABLE, OLD_ID, "t", "CREATE TABLE `t` (`v` BIGINT, KEY `k`(`v`))"),
      transaction(30, insert(t, 1), insert(t, 2))
    };
  }

  private SinkItem[] with(SinkItem... more) {
    List<SinkItem> all = new ArrayList<>(List.of(made()));
    all.addAll(List.of(more));
    return all.toArray(SinkItem[]::new);
  }

  private List<String> kept() {
    return server.rows(
        "select table_name from information_schema.tables where table_schema='"
            + KEPT
            + "' and table_name like 'k\\_"
            + Long.toUnsignedString(cluster)
            + "\\_%'");
  }

  private List<String> rows(String table) {
    return server.rows("select v from " + db + "." + table);
  }

  private SinkItem dropped() {
    return ddl(40, DdlAction.DROP_TABLE, OLD_ID, "t", "DROP TABLE `t`");
  }

  private SinkItem truncated() {
    return ddl(40, DdlAction.TRUNCATE_TABLE, NEW_ID, "t", "TRUNCATE TABLE `t`");
  }

  private SinkItem droppedDatabase() {
    return ddl(40, DdlAction.DROP_SCHEMA, 0, "", "DROP DATABASE `" + db + "`");
  }

  @Test
  void droppedTable_comesBackWithItsRows() throws Exception {
    SinkItem recover = ddl(60, DdlAction.RECOVER_TABLE, OLD_ID, "t", "RECOVER TABLE `t`");
    apply(DdlWatcher.NONE, with(dropped()));
    assertThat(kept()).hasSize(1);
    assertThat(server.rows("show tables from " + db)).isEmpty();
    apply(DdlWatcher.NONE, with(dropped(), recover, transaction(70, insert(t, 3))));
    assertThat(rows("t")).containsExactly("1", "2", "3");
    assertThat(kept()).isEmpty();
    assertThat(server.rows("select * from " + settings.ledgerSchema() + ".drainer_dropped"))
        .isEmpty();
  }

  @Test
  void droppedTwiceUnderOneName_theIdTellsWhichComesBack() throws Exception {
    apply(
        DdlWatcher.NONE,
        with(
            dropped(),
            ddl(50, DdlAction.CREATE_TABLE, NEW_ID, "t", "CREATE TABLE `t` (`v` BIGINT)"),
            transaction(60, insert(t, 9)),
            ddl(70, DdlAction.DROP_TABLE, NEW_ID, "t", "DROP TABLE IF EXISTS `t`"),
            ddl(80, DdlAction.RECOVER_TABLE, OLD_ID, "was", "FLASHBACK TABLE `t` TO `was`"),
            ddl(90, DdlAction.RECOVER_TABLE, NEW_ID, "t", "FLASHBACK TABLE `t`")));
    assertThat(rows("was")).containsExactly("1", "2");
    assertThat(rows("t")).containsExactly("9");
  }

  @Test
  void truncatedTable_isEmptyWithItsIndexes_andItsRowsComeBackUnderAnotherName() throws Exception {
    apply(DdlWatcher.NONE, with(truncated(), transaction(50, insert(t, 5))));
    assertThat(rows("t")).containsExactly("5");
    assertThat(
            server.rows(
                "select index_name from information_schema.statistics where table_schema='"
                    + db
                    + "'"))
        .containsExactly("k");
    apply(
        DdlWatcher.NONE,
        with(
            truncated(),
            transaction(50, insert(t, 5)),
            ddl(60, DdlAction.RECOVER_TABLE, OLD_ID, "old", "FLASHBACK TABLE `t` TO `old`")));
    assertThat(rows("old")).containsExactly("1", "2");
    assertThat(rows("t")).containsExactly("5");
  }

  @Test
  void droppedDatabase_comesBackWithItsTables() throws Exception {
    apply(
        DdlWatcher.NONE,
        with(
            ddl(35, DdlAction.CREATE_TABLE, NEW_ID, "u", "CREATE TABLE `u` (`v` BIGINT)"),
            transaction(36, insert(table(db, "u", "v"), 7)),
            droppedDatabase()));
    assertThat(server.rows("show databases like '" + db + "'")).isEmpty();
    assertThat(kept()).hasSize(2);
    apply(
        DdlWatcher.NONE,
        with(
            droppedDatabase(),
            ddl(60, DdlAction.RECOVER_SCHEMA, 0, "", "FLASHBACK DATABASE `" + db + "`"),
            transaction(70, insert(t, 3))));
    assertThat(rows("t")).containsExactly("1", "2", "3");
    assertThat(rows("u")).containsExactly("7");
    assertThat(kept()).isEmpty();
  }

  /** Killed at every step of moving aside and back. */
  @ParameterizedTest
  @EnumSource(Step.class)
  void interruptedAtEachStep_endsAlike(Step step) throws Exception {
    SinkItem[] all =
        with(
            truncated(),
            transaction(45, insert(t, 5)),
            ddl(50, DdlAction.DROP_TABLE, NEW_ID, "t", "DROP TABLE `t`"),
            ddl(60, DdlAction.RECOVER_TABLE, OLD_ID, "old", "FLASHBACK TABLE `t` TO `old`"),
            ddl(70, DdlAction.RECOVER_TABLE, NEW_ID, "t", "RECOVER TABLE `t`"),
            ddl(80, DdlAction.DROP_SCHEMA, 0, "", "DROP DATABASE `" + db + "`"),
            ddl(90, DdlAction.RECOVER_SCHEMA, 0, "", "FLASHBACK DATABASE `" + db + "`"));
    for (int strike = 1; strike <= 9; strike++) {
      AtomicInteger left = new AtomicInteger(1);
      DdlWatcher watcher =
          (at, statement) -> {
            if (at == step && left.getAndDecrement() == 0) {
              throw new IllegalStateException("killed");
            }
          };
      try {
        apply(watcher, all);
      } catch (IllegalStateException killed) {
        assertThat(killed).hasMessage("killed");
      }
    }
    apply(DdlWatcher.NONE, all);
    assertThat(rows("old")).containsExactly("1", "2");
    assertThat(rows("t")).containsExactly("5");
    assertThat(kept()).isEmpty();
  }

  @Test
  void whatIsNotThere_isDroppedAsBefore_viewsToo() throws Exception {
    apply(
        DdlWatcher.NONE,
        with(
            ddl(50, DdlAction.DROP_TABLE, 99, "gone", "DROP TABLE IF EXISTS `gone`"),
            ddl(60, DdlAction.CREATE_VIEW, 98, "w", "CREATE VIEW `w` AS SELECT 1 AS `v`"),
            ddl(70, DdlAction.DROP_VIEW, 98, "w", "DROP VIEW `w`")));
    assertThat(kept()).isEmpty();
  }

  @Test
  void keptLongEnough_isDroppedForGood_andThenHeldWithTheWayOut() throws Exception {
    apply(DdlWatcher.NONE, with(dropped()));
    server.execute(
        "update "
            + settings.ledgerSchema()
            + ".drainer_dropped set droppedAt=now() - interval 23 hour");
    apply(DdlWatcher.NONE, with(dropped()));
    assertThat(kept()).hasSize(1);
    settings = settings.withKeepDropped(Duration.ofHours(22));
    apply(
        DdlWatcher.NONE,
        with(
            dropped(),
            ddl(50, DdlAction.CREATE_TABLE, NEW_ID, "t", "CREATE TABLE `t` (`v` BIGINT)")));
    assertThat(kept()).isEmpty();
    assertThatThrownBy(
            () ->
                apply(
                    DdlWatcher.NONE,
                    with(
                        dropped(),
                        ddl(50, DdlAction.CREATE_TABLE, NEW_ID, "t", "CREATE TABLE `t` (v BIGINT)"),
                        ddl(
                            60,
                            DdlAction.RECOVER_TABLE,
                            OLD_ID,
                            "old",
                            "FLASHBACK TABLE `t` TO `old`"))))
        .hasMessageContaining("keep-dropped")
        .hasMessageContaining("FLASHBACK TABLE");
  }
}
