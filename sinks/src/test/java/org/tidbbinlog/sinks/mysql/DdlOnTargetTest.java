package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tidbbinlog.sinks.mysql.Upstream.column;
import static org.tidbbinlog.sinks.mysql.Upstream.ddl;
import static org.tidbbinlog.sinks.mysql.Upstream.insert;
import static org.tidbbinlog.sinks.mysql.Upstream.table;
import static org.tidbbinlog.sinks.mysql.Upstream.transaction;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.ddl.DdlAction;
import org.tidbbinlog.codec.schema.PartitionInfo;
import org.tidbbinlog.codec.schema.TableInfo;
import org.tidbbinlog.drainer.sink.SinkItem;

@EachTarget
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class DdlOnTargetTest {
  private final Acks acks = new Acks();
  private final long cluster = TargetServer.unique();
  private final String db = "d" + TargetServer.unique();
  private final TargetServer server;
  private final MysqlTargetSettings settings;
  private long ts = 100;

  DdlOnTargetTest(TargetKind kind) {
    this.server = kind.server();
    this.settings = server.settings();
  }

  @AfterEach
  void dropDatabase() {
    server.execute("drop database if exists " + db);
  }

  private void apply(SinkItem... items) throws Exception {
    apply(settings, cluster, items);
  }

  private void apply(MysqlTargetSettings by, long clusterId, SinkItem... items) throws Exception {
    try (MysqlSink sink =
        TargetServer.open(by, clusterId, ResumeFrom.initial(new Tso(1)), new Acks())) {
      for (SinkItem item : items) {
        sink.submit(item);
      }
      assertThat(sink.drain(Duration.ofSeconds(60))).isTrue();
    }
  }

  private SinkItem run(String table, String sql) {
    return ddl(ts += 10, db, table, sql);
  }

  private static TableInfo info(String table, String... columns) {
    List<org.tidbbinlog.codec.schema.ColumnInfo> infos = new java.util.ArrayList<>();
    for (String name : columns) {
      infos.add(column(infos.size(), name));
    }
    return Upstream.info(table, infos, PartitionInfo.NONE);
  }

  @Test
  @DisplayName("mysql-translate fact 8: CREATE DATABASE without use, CREATE TABLE with it")
  void databaseThenTableThenRows_arrive() throws Exception {
    apply(
        run("", "CREATE DATABASE `" + db + "`;"),
        run("t", "CREATE TABLE `t` (`id` INT PRIMARY KEY);"),
        transaction(ts + 5, insert(table(db, "t", "id"), 1)),
        run("t", "ALTER TABLE `t` ADD COLUMN `v` INT DEFAULT 7;"),
        transaction(ts + 5, insert(table(db, "t", "id", "v"), 2, 8)),
        run("t", "RENAME TABLE `t` TO `t2`;"),
        transaction(ts + 5, insert(table(db, "t2", "id", "v"), 3, 9)));
    assertThat(server.rows("select * from " + db + ".t2")).containsExactly("1,7", "2,8", "3,9");
    assertThat(
            server.rows(
                "select default_collation_name from information_schema.schemata where schema_name='"
                    + db
                    + "'"))
        .containsExactly("utf8mb4_bin");
  }

  @Test
  void keyThatStandsInForThePrimaryOne_isSeenAnyway() throws Exception {
    apply(
        run("", "CREATE DATABASE `" + db + "`;"),
        run("t", "CREATE TABLE `t` (`a` INT NOT NULL,UNIQUE `u`(`a`));"),
        run("t", "ALTER TABLE `t` ALTER INDEX `u` VISIBLE;"),
        transaction(ts + 5, insert(table(db, "t", "a"), 1)));
    assertThat(server.rows("select * from " + db + ".t")).containsExactly("1");
  }

  @Test
  void formsOfTheCaptures_areTaken() throws Exception {
    apply(
        run("", "CREATE DATABASE `" + db + "`;"),
        run("sq", "CREATE SEQUENCE `sq` START WITH 10 INCREMENT BY 2;"),
        run("sqt", "CREATE TABLE `sqt` (`id` INT DEFAULT NEXTVAL(`sq`) PRIMARY KEY,`v` INT);"),
        run(
            "gen",
            "CREATE TABLE `gen` (`a` INT,`b` INT GENERATED ALWAYS AS(`a`+1) VIRTUAL,`c` INT"
                + " GENERATED ALWAYS AS(`a`*2) STORED NOT NULL,`d` VARCHAR(20) GENERATED ALWAYS"
                + " AS(CONCAT(_UTF8MB4'x', `a`)) STORED,PRIMARY KEY(`a`),INDEX(`b`),UNIQUE(`c`));"),
        run(
            "p_list",
            "CREATE TABLE `p_list` (`id` INT,`r` INT) PARTITION BY LIST (`r`) (PARTITION `a` VALUES"
                + " IN (1, 2),PARTITION `b` VALUES IN (3, NULL));"),
        run("p_list", "ALTER TABLE `p_list` ADD PARTITION (PARTITION `c` VALUES IN (9));"),
        run(
            "p_rc",
            "CREATE TABLE `p_rc` (`a` INT,`b` VARCHAR(10)) PARTITION BY RANGE COLUMNS (`a`,`b`)"
                + " (PARTITION `p0` VALUES LESS THAN (5, _UTF8MB4'm'),PARTITION `p1` VALUES LESS"
                + " THAN (MAXVALUE, MAXVALUE));"),
        run(
            "v1",
            "CREATE OR REPLACE ALGORITHM = UNDEFINED DEFINER = CURRENT_USER SQL SECURITY DEFINER"
                + " VIEW `v1` AS SELECT `a` FROM `gen`;"),
        run("v1", "DROP VIEW `v1`;"),
        run("gen", "ALTER TABLE `gen` ADD INDEX `i1`(`a`), ADD INDEX `fx`((`a`+1));"),
        run("gen", "ALTER TABLE `gen` ALTER INDEX `i1` INVISIBLE;"),
        run("gen", "CREATE INDEX `ix` ON `gen` ((UPPER(`d`)));"),
        run("gen", "DROP INDEX `ix` ON `gen`;"),
        run("lk", "CREATE TABLE `lk` LIKE `GEN`;"),
        run("x", "CREATE TABLE `x` (`a` INT);"),
        run("y", "CREATE TABLE `y` (`a` INT);"),
        run("x", "DROP TABLE `x`, `y`;"),
        run("y", "DROP TABLE `x`, `y`;"),
        run(
            "c8",
            "CREATE TABLE `c8` (`a` VARCHAR(9) COLLATE utf8mb4_0900_bin, `b` VARCHAR(9)"
                + " CHARACTER SET gbk);"),
        run("g", "CREATE GLOBAL TEMPORARY TABLE `g` (`id` INT) ON COMMIT DELETE ROWS;"),
        run(
            "",
            "ALTER DATABASE `" + db + "` CHARACTER SET = utf8mb4 COLLATE = utf8mb4_general_ci;"));
    if (server.kind() == TargetKind.MARIADB) {
      apply(
          run("p_list", "ALTER TABLE `p_list` ADD PARTITION (PARTITION `d` VALUES IN (DEFAULT));"));
    }
    List<String> tables =
        server.kind() == TargetKind.MYSQL
            ? List.of("c8", "g", "gen", "lk", "p_list", "p_rc", "sqt")
            : List.of("c8", "g", "gen", "lk", "p_list", "p_rc", "sq", "sqt");
    assertThat(
            server.rows(
                "select table_name from information_schema.tables where table_schema='" + db + "'"))
        .isEqualTo(tables);
  }

  @Test
  void checkConstraints_areTakenByServersOfEveryAge() throws Exception {
    apply(
        run("", "CREATE DATABASE `" + db + "`;"),
        run(
            "c",
            "CREATE TABLE `c` (`a` INT CHECK(`a` > 0) ENFORCED NOT NULL,`b` INT CONSTRAINT `x`"
                + " CHECK(`b` > 1) NOT ENFORCED DEFAULT 5,CONSTRAINT `y` CHECK(`a` < 90)"
                + " ENFORCED,CHECK(`b` < 90),PRIMARY KEY(`a`));"),
        run("c", "ALTER TABLE `c` ADD CONSTRAINT `z` CHECK(`b` > 0) ENFORCED;"),
        run("c", "ALTER TABLE `c` ADD CHECK(`b` > 1), ADD COLUMN `d` INT CHECK(`d` > 2);"),
        run("c", "ALTER TABLE `c` ALTER CONSTRAINT `z` NOT ENFORCED;"),
        run("c", "ALTER TABLE `c` DROP CONSTRAINT `z`;"),
        run("c", "ALTER TABLE `c` DROP CHECK `y`;"),
        transaction(ts + 5, insert(table(db, "c", "a", "b", "d"), 100, 5, 7)));
    assertThat(server.rows("select * from " + db + ".c")).containsExactly("100,5,7");
  }

  @Test
  void expiryOfRows_comesAndGoes() throws Exception {
    apply(
        run("", "CREATE DATABASE `" + db + "`;"),
        run(
            "e",
            "CREATE TABLE `e` (`id` INT PRIMARY KEY,`at` DATETIME) TTL=`at` + INTERVAL 1 DAY;"),
        run("e", "ALTER TABLE `e` TTL = `at` + INTERVAL 2 DAY TTL_ENABLE = 'ON';"),
        run("e", "ALTER TABLE `e` REMOVE TTL;"),
        run("e", "ALTER TABLE `e` DROP COLUMN `at`;"),
        transaction(ts + 5, insert(table(db, "e", "id"), 1)));
    assertThat(server.rows("select * from " + db + ".e")).containsExactly("1");
  }

  @Test
  void exchangeAndRenameCycle_leaveTheRightRows() throws Exception {
    apply(
        run("", "CREATE DATABASE `" + db + "`;"),
        run("ex", "CREATE TABLE `ex` (`id` INT,`v` INT,PRIMARY KEY(`id`));"),
        run(
            "ex_p",
            "CREATE TABLE `ex_p` (`id` INT,`v` INT,PRIMARY KEY(`id`)) PARTITION BY RANGE (`id`)"
                + " (PARTITION `p0` VALUES LESS THAN (10),PARTITION `p1` VALUES LESS THAN (100));"),
        transaction(
            ts + 1,
            insert(table(db, "ex", "id", "v"), 31, 1),
            insert(table(db, "ex_p", "id", "v"), 50, 2)),
        run("ex_p", "ALTER TABLE `ex_p` EXCHANGE PARTITION `p1` WITH TABLE `ex`;"),
        run("ex", "CREATE TABLE `r1` LIKE `ex`;"),
        transaction(ts + 1, insert(table(db, "r1", "id", "v"), 7, 7)),
        run("r1", "RENAME TABLE `r1` TO `r3`, `ex` TO `r1`, `r3` TO `ex`;"));
    assertThat(server.rows("select * from " + db + ".r1")).containsExactly("50,2");
    assertThat(server.rows("select * from " + db + ".ex")).containsExactly("7,7");
    assertThat(server.rows("select * from " + db + ".ex_p")).containsExactly("31,1");
  }

  @Test
  @DisplayName(
      "mysql-translate fact 9: a DDL that is done already is passed over, a wrong one stops")
  void repeatedDdl_isPassedOver_wrongDdlStops() throws Exception {
    SinkItem create = run("", "CREATE DATABASE `" + db + "`");
    SinkItem table =
        ddl(
            ts += 10,
            db,
            "t",
            DdlAction.CREATE_TABLE,
            "CREATE TABLE `t` (`id` INT PRIMARY KEY)",
            info("t", "id"));
    SinkItem add =
        ddl(
            ts += 10,
            db,
            "t",
            DdlAction.ADD_COLUMN,
            "ALTER TABLE `t` ADD COLUMN `v` INT",
            info("t", "id", "v"));
    SinkItem index = run("t", "ALTER TABLE `t` ADD INDEX `i`(`v`)");
    apply(create);
    apply(server.settings(), cluster + 1, create, table);
    apply(server.settings(), cluster + 2, table, add);
    apply(server.settings(), cluster + 3, add, index);
    apply(server.settings(), cluster + 4, add, index);
    assertThatThrownBy(() -> apply(server.settings(), cluster + 5, table))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("1050");
    assertThatThrownBy(() -> apply(server.settings(), cluster + 6, run("t", "ALTER TABL `t`")))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("1064")
        .hasMessageContaining("ignore-txn-commit-ts")
        .hasMessageContaining("ALTER TABL");
  }

  @Test
  void ddlAndRows_afterRestart_areNotRepeated() throws Exception {
    SinkItem[] items = {
      run("", "CREATE DATABASE `" + db + "`"),
      run("t", "CREATE TABLE `t` (`v` INT)"),
      transaction(ts + 5, insert(table(db, "t", "v"), 1)),
      run("t", "TRUNCATE TABLE `t`"),
      transaction(ts + 5, insert(table(db, "t", "v"), 2)),
      run("t", "RENAME TABLE `t` TO `u`"),
      run("u", "RENAME TABLE `u` TO `t`"),
      transaction(ts + 5, insert(table(db, "t", "v"), 3))
    };
    apply(items);
    apply(items);
    apply(items);
    assertThat(server.rows("select * from " + db + ".t")).containsExactly("2", "3");
  }

  @Test
  void recoveredTable_isHeldUnlessItIsThere() throws Exception {
    apply(run("", "CREATE DATABASE `" + db + "`"));
    SinkItem recover = run("t", "RECOVER TABLE `t`");
    assertThatThrownBy(() -> apply(recover))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("held");
    server.execute("create table " + db + ".t(id int)");
    apply(recover);
  }

  @Test
  void addedColumnWithCurrentTimestamp_givesOldRowsUpstreamsTime() throws Exception {
    long at = Tso.of(1_600_000_000_000L, 0).value();
    apply(
        run("", "CREATE DATABASE `" + db + "`"),
        run("t", "CREATE TABLE `t` (`id` INT PRIMARY KEY)"),
        transaction(ts + 5, insert(table(db, "t", "id"), 1)),
        ddl(at, db, "t", "ALTER TABLE `t` ADD COLUMN `c` DATETIME DEFAULT CURRENT_TIMESTAMP"));
    assertThat(server.rows("select c from " + db + ".t")).containsExactly("2020-09-13 12:26:40");
    assertThat(acks.failure.get()).isNull();
  }

  /** A table with indexes of several kinds, made at the target by hand. */
  private void prepareIndexes() throws Exception {
    apply(run("", "CREATE DATABASE `" + db + "`"));
    server.execute(
        "create table "
            + db
            + ".t(id int primary key, a int, b int, s varchar(50) collate utf8mb4_bin,"
            + " w varchar(9), index ia(a), unique index ua(a), index iab(a,b), index is5(s(5)),"
            + " index isw(s,w(9)))");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CREATE INDEX `ia` ON `t` (`a`)",
        "CREATE UNIQUE INDEX `ua` ON `t` (`a`)",
        "CREATE INDEX `IAB` ON `t` (`A`,`b`)",
        "CREATE INDEX `is5` ON `t` (`s`(5))",
        "CREATE INDEX `isw` USING BTREE ON `t` (`s`, `w`(9)) COMMENT 'x'",
        "ALTER TABLE `t` ADD INDEX `ia`(`a`)",
        "ALTER TABLE `t` ADD UNIQUE KEY `ua` USING BTREE (`a`)",
        "ALTER TABLE `t` ADD CONSTRAINT `ua` UNIQUE (`a`)",
        "ALTER TABLE `t` ADD COLUMN `b` INT, ADD INDEX (`a`,`b`)",
        "DROP INDEX `gone` ON `t`",
        "ALTER TABLE `t` DROP INDEX `gone`",
        "ALTER TABLE `t` DROP COLUMN `gone`, COMMENT 'x'",
        "ALTER TABLE `t` RENAME INDEX `was` TO `ia`",
        "ALTER TABLE `t` RENAME COLUMN `was` TO `a`",
        "ALTER TABLE `t` CHANGE COLUMN `was` `a` INT",
        "ALTER TABLE `was` RENAME TO `t`",
      })
  void ddlThatIsDoneAlready_isPassedOver(String sql) throws Exception {
    prepareIndexes();
    List<String> before = structure();
    apply(run("t", sql));
    assertThat(structure()).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CREATE INDEX `ia` ON `t` (`b`)",
        "CREATE INDEX `ia` ON `t` (`a`,`b`)",
        "CREATE UNIQUE INDEX `ia` ON `t` (`a`)",
        "CREATE INDEX `ua` ON `t` (`a`)",
        "CREATE INDEX `iab` ON `t` (`b`,`a`)",
        "CREATE INDEX `is5` ON `t` (`s`(6))",
        "CREATE INDEX `is5` ON `t` (`s`)",
        "CREATE INDEX `i` ON `absent` (`a`)",
        "CREATE INDEX `i` ON `t` (`absent`)",
        "DROP INDEX `i` ON `absent`",
        "ALTER TABLE `t` ADD INDEX `ia`(`b`)",
        "ALTER TABLE `t` ADD UNIQUE INDEX `ia`(`a`)",
        "ALTER TABLE `t` ADD INDEX `i`(`absent`)",
        "ALTER TABLE `t` ADD COLUMN `s` INT",
        "ALTER TABLE `absent` ADD INDEX `i`(`a`)",
        "ALTER TABLE `absent` DROP COLUMN `a`",
        "ALTER TABLE `absent` DROP INDEX `i`",
        "ALTER TABLE `t` DROP INDEX `gone`, ADD INDEX `fresh`(`a`)",
        "ALTER TABLE `t` MODIFY COLUMN `absent` BIGINT",
        "ALTER TABLE `t` ALTER COLUMN `absent` SET DEFAULT 5",
        "ALTER TABLE `t` RENAME INDEX `was` TO `gone`",
        "ALTER TABLE `absent` RENAME TO `gone`",
        "DROP VIEW `t`",
      })
  void ddlThatTheTargetRefuses_andIsNotDone_stops(String sql) throws Exception {
    prepareIndexes();
    List<String> before = structure();
    assertThatThrownBy(() -> apply(run("t", sql)))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("refused by the target")
        .hasMessageContaining("ignore-txn-commit-ts");
    assertThat(structure()).isEqualTo(before);
  }

  @Test
  void droppedSequenceThatIsATable_stopsWhereThereAreSequences() throws Exception {
    prepareIndexes();
    List<String> before = structure();
    SinkItem drop = run("t", "DROP SEQUENCE `t`");
    if (server.kind() == TargetKind.MYSQL) {
      apply(drop);
    } else {
      assertThatThrownBy(() -> apply(drop)).hasMessageContaining("refused by the target");
    }
    assertThat(structure()).isEqualTo(before);
  }

  private List<String> structure() {
    List<String> all =
        new java.util.ArrayList<>(
            server.rows(
                "select index_name, non_unique, seq_in_index, column_name, sub_part from"
                    + " information_schema.statistics where table_schema='"
                    + db
                    + "'"));
    all.addAll(
        server.rows(
            "select column_name, column_type from information_schema.columns where table_schema='"
                + db
                + "'"));
    return all;
  }
}
