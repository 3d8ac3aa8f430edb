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

  private List<String> foreignKeys() {
    return server.rows(
        "select r.table_name, r.constraint_name, r.update_rule, r.delete_rule,"
            + " group_concat(k.column_name, '=', k.referenced_table_schema, '.',"
            + " k.referenced_table_name, '.', k.referenced_column_name order by"
            + " k.ordinal_position separator ' ') from"
            + " information_schema.referential_constraints r join"
            + " information_schema.key_column_usage k on k.constraint_schema=r.constraint_schema"
            + " and k.constraint_name=r.constraint_name and k.table_name=r.table_name where"
            + " r.constraint_schema='"
            + db
            + "' group by r.table_name, r.constraint_name, r.update_rule, r.delete_rule");
  }

  private SinkItem childMade(long ts, long id) {
    return ddl(
        ts,
        DdlAction.CREATE_TABLE,
        id,
        "t",
        "CREATE TABLE `t` (`v` BIGINT PRIMARY KEY, `p` BIGINT, `a` BIGINT, `b` BIGINT, `me` BIGINT,"
            + " CONSTRAINT `of_parent` FOREIGN KEY (`p`) REFERENCES `parent` (`v`) ON DELETE"
            + " CASCADE ON UPDATE SET NULL, CONSTRAINT `pair` FOREIGN KEY (`b`, `a`) REFERENCES"
            + " `two` (`y`, `x`), CONSTRAINT `itself` FOREIGN KEY (`me`) REFERENCES `t` (`v`),"
            + " FOREIGN KEY (`a`) REFERENCES `parent` (`v`))");
  }

  private SinkItem[] family() {
    return new SinkItem[] {
      ddl(10, DdlAction.CREATE_SCHEMA, 0, "", "CREATE DATABASE `" + db + "`"),
      ddl(
          11,
          DdlAction.CREATE_TABLE,
          81,
          "parent",
          "CREATE TABLE `parent` (`v` BIGINT PRIMARY KEY)"),
      ddl(
          12,
          DdlAction.CREATE_TABLE,
          82,
          "two",
          "CREATE TABLE `two` (`x` BIGINT, `y` BIGINT, `v` BIGINT, KEY(`y`, `x`))"),
      childMade(20, OLD_ID),
      transaction(30, insert(t, 1), insert(t, 2))
    };
  }

  private List<String> familyKeys(String table) {
    return List.of(
        table + ",itself,RESTRICT,RESTRICT,me=" + db + "." + table + ".v",
        table + ",of_parent,SET NULL,CASCADE,p=" + db + ".parent.v",
        table + ",pair,RESTRICT,RESTRICT,b=" + db + ".two.y a=" + db + ".two.x",
        table + ",t_ibfk_1,RESTRICT,RESTRICT,a=" + db + ".parent.v");
  }

  @Test
  void truncatedTable_keepsItsForeignKeysByName_alsoASecondTime() throws Exception {
    SinkItem again = ddl(60, DdlAction.TRUNCATE_TABLE, 73, "t", "TRUNCATE TABLE `t`");
    apply(DdlWatcher.NONE, family());
    assertThat(foreignKeys()).isEqualTo(familyKeys("t"));
    apply(DdlWatcher.NONE, truncated(), transaction(50, insert(t, 5)), again);
    assertThat(rows("t")).isEmpty();
    assertThat(kept()).hasSize(2);
    assertThat(foreignKeys()).isEqualTo(familyKeys("t"));
    apply(
        DdlWatcher.NONE,
        ddl(70, DdlAction.RECOVER_TABLE, OLD_ID, "old", "FLASHBACK TABLE `t` TO `old`"));
    assertThat(rows("old")).containsExactly("5");
    assertThat(foreignKeys()).containsAll(familyKeys("t")).hasSize(8);
  }

  /** A trigger keeps MariaDB from the swap. */
  @Test
  void truncateRefusedAtTheSwap_leavesTheForeignKeys_andGoesOn() throws Exception {
    apply(DdlWatcher.NONE, family());
    server.execute(
        "create trigger " + db + ".tr before insert on " + db + ".t for each row set new.v=new.v");
    assertThatThrownBy(() -> apply(DdlWatcher.NONE, truncated()))
        .hasMessageContaining("TRUNCATE TABLE");
    assertThat(foreignKeys()).isEqualTo(familyKeys("t"));
    server.execute("drop trigger " + db + ".tr");
    apply(DdlWatcher.NONE, truncated());
    assertThat(rows("t")).isEmpty();
    assertThat(foreignKeys()).isEqualTo(familyKeys("t"));
  }

  @Test
  void truncatedParentAndChild_theChildsForeignKeysLeadToTheLivingParent() throws Exception {
    apply(DdlWatcher.NONE, family());
    apply(
        DdlWatcher.NONE,
        ddl(40, DdlAction.TRUNCATE_TABLE, 83, "parent", "TRUNCATE TABLE `parent`"),
        ddl(50, DdlAction.TRUNCATE_TABLE, NEW_ID, "t", "TRUNCATE TABLE `t`"));
    assertThat(foreignKeys()).isEqualTo(familyKeys("t"));
  }

  @Test
  void droppedTwiceWithForeignKeysOfOneName_bothAreKept_andComeBack() throws Exception {
    apply(DdlWatcher.NONE, family());
    apply(
        DdlWatcher.NONE,
        dropped(),
        childMade(50, NEW_ID),
        transaction(55, insert(t, 9)),
        ddl(60, DdlAction.DROP_TABLE, NEW_ID, "t", "DROP TABLE `t`"));
    assertThat(kept()).hasSize(2);
    apply(
        DdlWatcher.NONE,
        ddl(70, DdlAction.RECOVER_TABLE, OLD_ID, "old", "FLASHBACK TABLE `t` TO `old`"),
        ddl(80, DdlAction.RECOVER_TABLE, NEW_ID, "t", "FLASHBACK TABLE `t`"));
    assertThat(rows("old")).containsExactly("1", "2");
    assertThat(rows("t")).containsExactly("9");
    assertThat(foreignKeys()).hasSize(8);
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
    assertThat(
            server.rows(
                "select default_collation_name from information_schema.schemata where schema_name='"
                    + db
                    + "'"))
        .containsExactly("utf8mb4_bin");
    assertThat(rows("t")).containsExactly("1", "2", "3");
    assertThat(rows("u")).containsExactly("7");
    assertThat(kept()).isEmpty();
  }

  /**
   * As a server without RENAME of several tables at once leaves it when it dies between the two.
   */
  @Test
  void truncateThatTheServerLeftHalfDone_getsItsEmptyTable() throws Exception {
    SinkItem[] all = with(truncated(), transaction(50, insert(t, 5)));
    AtomicInteger left = new AtomicInteger(2);
    assertThatThrownBy(
            () ->
                apply(
                    (at, statement) -> {
                      if (at == Step.AFTER_STATEMENT && left.getAndDecrement() == 0) {
                        throw new IllegalStateException("killed");
                      }
                    },
                    all))
        .hasMessage("killed");
    String name = kept().get(0);
    server.execute("rename table " + db + ".t to " + KEPT + "." + name + "_new");
    apply(DdlWatcher.NONE, all);
    assertThat(rows("t")).containsExactly("5");
    assertThat(kept()).containsExactly(name);
    assertThat(server.rows("select v from " + KEPT + "." + name)).containsExactly("1", "2");
  }

  private SinkItem[] withDatabaseOfTwoDropped(SinkItem... more) {
    List<SinkItem> all = new ArrayList<>(List.of(made()));
    all.add(ddl(35, DdlAction.CREATE_TABLE, NEW_ID, "u", "CREATE TABLE `u` (`v` BIGINT)"));
    all.add(transaction(36, insert(table(db, "u", "v"), 7)));
    all.add(droppedDatabase());
    all.addAll(List.of(more));
    return all.toArray(SinkItem[]::new);
  }

  private SinkItem flashback() {
    return ddl(60, DdlAction.RECOVER_SCHEMA, 0, "", "FLASHBACK DATABASE `" + db + "`");
  }

  private void age(String hours, String table) {
    server.execute(
        "update "
            + settings.ledgerSchema()
            + ".drainer_dropped set droppedAt=now() - interval "
            + hours
            + " hour where tableName='"
            + table
            + "'");
  }

  @Test
  void databaseOfWhichATableIsGone_isHeldWithItsName_andComesBackOnceThatIsRestored()
      throws Exception {
    apply(DdlWatcher.NONE, withDatabaseOfTwoDropped());
    String name =
        server
            .rows(
                "select keptName from "
                    + settings.ledgerSchema()
                    + ".drainer_dropped where tableName='u'")
            .get(0);
    server.execute("drop table " + KEPT + "." + name);
    for (int life = 1; life <= 2; life++) {
      assertThatThrownBy(() -> apply(DdlWatcher.NONE, withDatabaseOfTwoDropped(flashback())))
          .hasMessageContaining("FLASHBACK DATABASE")
          .hasMessageContaining("of database `" + db + "` these tables are not kept any more: `u`");
      assertThat(server.rows("show databases like '" + db + "'")).isEmpty();
      assertThat(kept()).as("what there is stays").hasSize(1);
    }
    server.execute(
        "create database " + db,
        "create table " + db + ".u(v bigint)",
        "insert into " + db + ".u values(7)");
    apply(DdlWatcher.NONE, withDatabaseOfTwoDropped(flashback(), transaction(70, insert(t, 3))));
    assertThat(rows("t")).containsExactly("1", "2", "3");
    assertThat(rows("u")).containsExactly("7");
    assertThat(kept()).isEmpty();
  }

  @Test
  void tablesOfADroppedDatabase_areKeptAsLongAsTheLastOfThem_andGoTogether() throws Exception {
    apply(DdlWatcher.NONE, withDatabaseOfTwoDropped());
    age("25", "t");
    age("23", "u");
    apply(DdlWatcher.NONE, withDatabaseOfTwoDropped());
    assertThat(kept()).hasSize(2);
    apply(DdlWatcher.NONE, withDatabaseOfTwoDropped(flashback()));
    assertThat(rows("t")).containsExactly("1", "2");
    assertThat(rows("u")).containsExactly("7");
  }

  @Test
  void droppedDatabase_keptLongEnough_isDroppedForGood() throws Exception {
    apply(DdlWatcher.NONE, withDatabaseOfTwoDropped());
    age("25", "t");
    age("25", "u");
    age("25", "");
    apply(DdlWatcher.NONE, withDatabaseOfTwoDropped());
    assertThat(kept()).isEmpty();
    assertThat(server.rows("select * from " + settings.ledgerSchema() + ".drainer_dropped"))
        .isEmpty();
    assertThatThrownBy(() -> apply(DdlWatcher.NONE, withDatabaseOfTwoDropped(flashback())))
        .hasMessageContaining("keep-dropped");
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
