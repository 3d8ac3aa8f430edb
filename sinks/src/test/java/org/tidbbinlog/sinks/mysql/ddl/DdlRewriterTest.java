package org.tidbbinlog.sinks.mysql.ddl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tidbbinlog.sinks.mysql.ddl.DdlZone.ASSUMED;

import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.ddl.DdlAction;
import org.tidbbinlog.codec.ddl.DdlJob;
import org.tidbbinlog.codec.ddl.JobState;
import org.tidbbinlog.codec.schema.ColumnInfo;
import org.tidbbinlog.codec.schema.FieldType;
import org.tidbbinlog.codec.schema.MysqlType;
import org.tidbbinlog.codec.schema.SchemaState;
import org.tidbbinlog.codec.schema.TableInfo;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.StageTimes;
import org.tidbbinlog.sinks.mysql.target.Dialect;
import org.tidbbinlog.testkit.schema.ColumnDraft;
import org.tidbbinlog.testkit.schema.TableDraft;

class DdlRewriterTest {
  private static final Dialect MARIADB = Dialect.of("11.4.5-MariaDB");
  private static final Dialect MYSQL = Dialect.of("8.0.36");
  private static final Dialect WITHOUT_CHECKS = Dialect.of("8.0.15");
  private static final Dialect TIDB = Dialect.of("8.0.11-TiDB-v7.5.1");

  private static List<DdlPlan> plans(Dialect dialect, String table, String sql) {
    return plans(dialect, DdlAction.NONE, table, sql, List.of());
  }

  private static List<DdlPlan> plans(
      Dialect dialect, DdlAction action, String table, String sql, List<TableInfo> made) {
    return plans(dialect, action, table, sql, sql, made);
  }

  private static List<DdlPlan> plans(
      Dialect dialect,
      DdlAction action,
      String table,
      String upstream,
      String sql,
      List<TableInfo> made) {
    DdlJob job =
        new DdlJob(
            1,
            action,
            action.number(),
            1,
            1,
            "db",
            table,
            JobState.SYNCED,
            SchemaState.PUBLIC,
            NullNode.instance,
            upstream,
            1,
            null,
            null,
            made,
            1);
    return new DdlRewriter(dialect, "")
        .plan(
            new SinkItem.Ddl(
                new Tso(1),
                1,
                job,
                sql,
                "db",
                table,
                SinkItem.Execution.EXECUTE,
                new StageTimes()));
  }

  private static String rewritten(Dialect dialect, String sql) {
    return plans(dialect, "t", sql).stream()
        .map(DdlPlan::sql)
        .map(text -> text.replaceAll("\\s+", " ").strip())
        .collect(Collectors.joining(";"));
  }

  @Test
  void plainStatement_isUntouched() {
    String sql = "ALTER TABLE `t` ADD COLUMN `c` INT DEFAULT 5 COMMENT 'a, b; (c' AFTER `a`";
    assertThat(rewritten(MARIADB, sql + ";")).isEqualTo(sql);
  }

  @Test
  void tidbWords_areLeftOut() {
    assertThat(
            rewritten(
                MARIADB,
                "create table t(id bigint auto_random(5, 64) primary key nonclustered, v int)"
                    + " shard_row_id_bits=4 pre_split_regions = 2 auto_id_cache 1"
                    + " placement policy=p engine=InnoDB"))
        .isEqualTo("create table t(id bigint primary key , v int) engine=InnoDB");
    assertThat(
            rewritten(
                MYSQL, "create table t(a datetime) ttl = `a` + interval 1 day ttl_enable='ON'"))
        .isEqualTo("create table t(a datetime)");
    assertThat(rewritten(MARIADB, "alter table t set tiflash replica 1")).isEmpty();
    assertThat(rewritten(MARIADB, "alter table t cache")).isEmpty();
    assertThat(rewritten(MARIADB, "alter table t shard_row_id_bits = 3, add column a int"))
        .isEqualTo("alter table t add column a int");
    assertThat(rewritten(MARIADB, "alter table t add primary key(a) nonclustered"))
        .isEqualTo("alter table t add primary key(a)");
  }

  @Test
  void invisibleIndexes_areIgnoredOnesOfMariaDb() {
    assertThat(rewritten(MARIADB, "alter table t alter index i invisible"))
        .isEqualTo("alter table t alter index i IGNORED");
    assertThat(rewritten(MARIADB, "alter table t alter index i visible"))
        .isEqualTo("alter table t alter index i NOT IGNORED");
    assertThat(rewritten(MARIADB, "create index i on t(a) invisible"))
        .isEqualTo("create index i on t(a) IGNORED");
    assertThat(rewritten(MYSQL, "create index i on t(a) invisible")).endsWith("invisible");
  }

  @Test
  void constraintsAlwaysHoldInMariaDb_andThoseThatNeedNotAreLeftOut() {
    assertThat(rewritten(MARIADB, "alter table t add constraint c check(a > 0) enforced"))
        .isEqualTo("alter table t add constraint c check(a > 0)");
    assertThat(rewritten(MARIADB, "alter table t add constraint c check(a > 0) not enforced"))
        .isEmpty();
    assertThat(rewritten(MARIADB, "alter table t alter constraint c not enforced"))
        .isEqualTo("alter table t DROP CONSTRAINT c");
    assertThat(rewritten(MARIADB, "alter table t alter check `c` enforced, add b int"))
        .isEqualTo("alter table t add b int");
    assertThat(rewritten(MARIADB, "alter table t drop check `c`"))
        .isEqualTo("alter table t drop CONSTRAINT `c`");
    assertThat(
            rewritten(
                MARIADB,
                "create table t(a int check(a > 0) not enforced, b int constraint x check(b > 1)"
                    + " enforced, constraint y check(a > b) not enforced, check(a < 9) enforced)"))
        .isEqualTo("create table t(a int , b int , constraint x check(b > 1), check(a < 9) )");
    assertThat(rewritten(MARIADB, "alter table t add column (a int check(a > 0) enforced, key(a))"))
        .isEqualTo("alter table t add column (a int , check(a > 0), key(a))");
    assertThat(
            rewritten(
                MARIADB,
                "alter table t add column b varchar(9) constraint x check(b > 1) not enforced"
                    + " check(b > 'y') not null constraint z check(b > 3) enforced charset utf8mb4"
                    + " after a, modify c int"))
        .isEqualTo(
            "alter table t add column b varchar(9) not null charset utf8mb4 COLLATE utf8mb4_bin"
                + " after a, ADD check(b > 'y'), ADD constraint z check(b > 3), modify c int");
    assertThat(
            rewritten(
                MARIADB,
                "create table t(a int, b varchar(9) check(b > 1) charset utf8mb4, check(a > 0) not"
                    + " enforced, key k((a+1)))"))
        .isEqualTo(
            "create table t(a int, b varchar(9) charset utf8mb4 COLLATE utf8mb4_bin, check(b >"
                + " 1))");
    String mysql = "alter table t alter check c not enforced, drop constraint d";
    assertThat(rewritten(MYSQL, mysql)).isEqualTo(mysql);
  }

  @Test
  void constraintsOfMySqlThatHasNone_areLeftOut() {
    assertThat(
            rewritten(
                WITHOUT_CHECKS,
                "create table t(constraint x check (a > 0), a int check(a > (1)) not enforced not"
                    + " null, b int constraint `y` check(b > 1) enforced check(b < 9) comment"
                    + " 'check (1)', check(a < b) enforced, `check` int, key(a), constraint check"
                    + " (a < 9))"))
        .isEqualTo(
            "create table t(a int not null, b int comment 'check (1)', `check` int, key(a))");
    assertThat(
            rewritten(
                WITHOUT_CHECKS,
                "alter table t add check(a > 0), add column (c int check(c > 0), check(c > 1)),"
                    + " drop check x, modify column b bigint check(b > 1), alter constraint y"
                    + " enforced, drop constraint y, add constraint z check(b > 1) not enforced"))
        .isEqualTo("alter table t add column (c int ), modify column b bigint");
    for (String change :
        List.of(
            "add constraint z check(b > 1) enforced",
            "add check(b > 1)",
            "alter check z not enforced",
            "drop constraint z")) {
      DdlPlan plan = plans(WITHOUT_CHECKS, "t", "alter table t " + change).get(0);
      assertThat(plan.isNothing()).as(change).isTrue();
      assertThat(plan.skipped()).hasSize(1);
      assertThat(rewritten(Dialect.of("5.7.44-log"), "alter table t " + change)).isEmpty();
    }
  }

  @Test
  void constraintsOfServersThatReadThem_areAsWritten() {
    String create = "create table t(a int check(a > 0) not enforced, check(a < 9) enforced)";
    String change = "alter table t add constraint c check(a > 0) enforced, drop constraint d";
    for (String version :
        List.of("8.0.36", "8.0.19", "9.1.0", "8.0.11-TiDB-v7.5.0", "5.7.25-TiDB-v6.5.0")) {
      assertThat(rewritten(Dialect.of(version), create)).as(version).isEqualTo(create);
      assertThat(rewritten(Dialect.of(version), change)).as(version).isEqualTo(change);
    }
    assertThat(rewritten(Dialect.of("8.0.16"), create)).isEqualTo(create);
    assertThat(rewritten(Dialect.of("8.0.18-commercial"), change))
        .isEqualTo("alter table t add constraint c check(a > 0) enforced, drop CHECK d");
  }

  @Test
  void functionalIndexes_areSkippedForMariaDbAndSaidSo() {
    DdlPlan plan = plans(MARIADB, "t", "create index i on t((upper(a)))").get(0);
    assertThat(plan.isNothing()).isTrue();
    assertThat(plan.skipped()).hasSize(1);
    assertThat(
            rewritten(
                MARIADB,
                "create table t(a int, key k((a+1)), unique key u(a(10), (lower(b))), key"
                    + " p(a(3)))"))
        .isEqualTo("create table t(a int, key p(a(3)))");
    assertThat(rewritten(MYSQL, "create index i on t((upper(a)))")).contains("upper");
  }

  @Test
  void notNullOfGeneratedColumns_isLeftOutForMariaDb() {
    assertThat(
            rewritten(
                MARIADB, "create table t(a int not null, b int as (a+1) stored not null, c int)"))
        .isEqualTo("create table t(a int not null, b int as (a+1) stored , c int)");
  }

  @Test
  @DisplayName("mysql-translate fact 15: placement goes and expiry is off at a TiDB target")
  void tidbTarget_hasNoPlacementAndNoExpiry() {
    assertThat(rewritten(TIDB, "create table t(a int) /*T![placement] PLACEMENT POLICY=`p` */"))
        .doesNotContain("POLICY");
    assertThat(
            rewritten(
                TIDB,
                "create table t(a datetime) /*T![ttl] TTL = `a` + INTERVAL 1 YEAR */"
                    + " /*T![ttl] TTL_ENABLE = 'ON' */"))
        .contains("TTL = `a`")
        .contains("TTL_ENABLE = 'OFF'")
        .doesNotContain("'ON'");
    assertThat(rewritten(TIDB, "create table t(a datetime) ttl = a + interval 1 day"))
        .endsWith("TTL_ENABLE = 'OFF'");
    for (String plain : List.of("alter table t remove ttl", "create table t(ttl int, a int)")) {
      assertThat(rewritten(TIDB, plain)).isEqualTo(plain);
    }
    String column = "alter table t add column ttl int, modify a int";
    assertThat(rewritten(MYSQL, column)).isEqualTo(column);
  }

  @Test
  void characterSetsAlone_getTheCollationUpstreamMeans() {
    assertThat(rewritten(MARIADB, "create database d"))
        .isEqualTo("create database d DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin");
    assertThat(rewritten(MARIADB, "create database d charset latin1"))
        .isEqualTo("create database d charset latin1 COLLATE latin1_bin");
    assertThat(
            rewritten(
                MARIADB, "create table t(a varchar(5) character set utf8mb4, b int) charset=gbk"))
        .isEqualTo(
            "create table t(a varchar(5) character set utf8mb4 COLLATE utf8mb4_bin, b int)"
                + " charset=gbk COLLATE gbk_chinese_ci");
    assertThat(rewritten(MARIADB, "create table t(a int) charset utf8mb4 collate utf8mb4_bin"))
        .isEqualTo("create table t(a int) charset utf8mb4 collate utf8mb4_bin");
  }

  /** Found by the differential machine: the second table took the target's default. */
  @Test
  void severalTablesOfOneJob_getEachItsOwnCollation() {
    List<TableInfo> made = new ArrayList<>();
    for (String name : List.of("a", "b", "c")) {
      made.add(TableDraft.plain(1, name, List.of()).done());
    }
    String sql = "CREATE TABLE `a` (`x` TEXT);CREATE TABLE `db`.`B` (`x` TEXT);";
    assertThat(plans(MARIADB, DdlAction.CREATE_TABLES, "a", sql, made))
        .extracting(DdlPlan::sql)
        .allSatisfy(
            plan -> assertThat(plan).contains("DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"))
        .hasSize(2);
  }

  /** The route rules may even let two tables change their names. */
  @Test
  void severalTablesOfOneJob_underOtherNames_areWhatUpstreamsTextMakesInTheirPlace() {
    String create = "CREATE TABLE %s (`x` TEXT, `ts` TIMESTAMP NULL DEFAULT '2020-01-01 00:00:00')";
    String upstream = create.formatted("`a`") + ";" + create.formatted("`b`");
    String target = create.formatted("`to`.`b`") + ";" + create.formatted("`to`.`a`");
    List<TableInfo> both = List.of(withDefault("b", "16:00:00"), withDefault("a", "19:00:00"));
    assertMade(plans(MARIADB, DdlAction.CREATE_TABLES, "b", upstream, target, both), "19", "16");

    // Without upstream's text their order is all that tells.
    assertMade(
        plans(MARIADB, DdlAction.CREATE_TABLES, "b", "", target.replace("to`.`", "to_"), both),
        "16",
        "19");

    // One of the statements made no table: which is not known.
    List<DdlPlan> unknown =
        plans(
            MARIADB,
            DdlAction.CREATE_TABLES,
            "b",
            "",
            target.replace("to`.`", "to_"),
            both.subList(0, 1));
    assertThat(unknown).hasSize(2).allSatisfy(plan -> assertThat(plan.zone()).isEqualTo(ASSUMED));
  }

  private static void assertMade(List<DdlPlan> plans, String... hours) {
    assertThat(plans).hasSize(hours.length);
    for (int i = 0; i < hours.length; i++) {
      assertThat(plans.get(i).sql())
          .contains("DEFAULT '2019-12-31 " + hours[i] + ":00:00'")
          .contains("DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin");
      assertThat(plans.get(i).zone()).isEqualTo(DdlZone.UTC);
    }
  }

  private static TableInfo withDefault(String table, String time) {
    FieldType timestamp =
        new FieldType(MysqlType.TIMESTAMP, 0, 19, 0, "binary", "binary", List.of(), false);
    ColumnInfo column =
        ColumnDraft.plain(2, "ts", timestamp)
            .at(1)
            .defaultValue(TextNode.valueOf("2019-12-31 " + time))
            .done();
    return TableDraft.plain(1, table, List.of(column)).done();
  }

  @Test
  void dropOfSeveralTables_dropsTheJobsTableOnly() {
    assertThat(rewritten(MARIADB, "DROP TABLE `x`, `db`.`t`, `y`"))
        .isEqualTo("DROP TABLE `db`.`t`");
    assertThat(rewritten(MARIADB, "drop table if exists `other`.`t`, t"))
        .isEqualTo("drop table if exists `db`.`t`");
  }

  @Test
  void temporaryTables_globalOnesBecomeOrdinaryAndLocalOnesAreSkipped() {
    String global = "CREATE GLOBAL TEMPORARY TABLE `t` (`id` INT) ON COMMIT DELETE ROWS";
    assertThat(rewritten(MARIADB, global))
        .containsPattern("^CREATE\\s+TABLE `t` \\(`id` INT\\)")
        .doesNotContainIgnoringCase("temporary")
        .doesNotContainIgnoringCase("on commit");
    assertThat(rewritten(TIDB, global)).isEqualTo(global);
    assertThat(rewritten(MARIADB, "DROP GLOBAL TEMPORARY TABLE `t`"))
        .containsPattern("^DROP\\s+TABLE `t`$");
    assertThat(rewritten(MARIADB, "create temporary table t(id int)")).isEmpty();
  }

  @Test
  void listDefaultPartition_isMariaDbs() {
    assertThat(rewritten(MARIADB, "alter table t add partition (partition d values in (default))"))
        .isEqualTo("alter table t add partition (partition d DEFAULT)");
  }

  @Test
  void sequences_areSpelledForMariaDb_andSkippedForMySql() {
    assertThat(rewritten(MARIADB, "CREATE SEQUENCE `sq` START WITH 10 NO CACHE COMMENT 'x'"))
        .isEqualTo("CREATE SEQUENCE `sq` START WITH 10 NOCACHE");
    assertThat(rewritten(MYSQL, "CREATE SEQUENCE `sq` START WITH 10")).isEmpty();
    assertThat(rewritten(MYSQL, "create table t(id int default nextval(`sq`) primary key)"))
        .isEqualTo("create table t(id int primary key)");
  }

  @Test
  void anyText_isRewrittenWithoutFailing() {
    String[] pieces = {
      "create",
      "alter",
      "drop",
      "table",
      "index",
      "t",
      "`t`",
      "(",
      ")",
      ",",
      "add",
      "column",
      "key",
      "primary",
      "unique",
      "invisible",
      "cache",
      "ttl",
      "=",
      "interval",
      "constraint",
      "check",
      "enforced",
      "1",
      "day",
      "charset",
      "utf8mb4",
      "partition",
      "values",
      "in",
      "default",
      "nextval",
      "as",
      "not",
      "null",
      "placement",
      "policy",
      "'x'",
      "/*T![x] ",
      "*/",
      ";",
      "rename",
      "to",
      "sequence",
      "on",
      "."
    };
    for (long seed = 0; seed < 20_000; seed++) {
      Random random = new Random(seed);
      StringBuilder sql = new StringBuilder();
      for (int i = random.nextInt(25); i > 0; i--) {
        sql.append(pieces[random.nextInt(pieces.length)]).append(' ');
      }
      for (Dialect dialect : List.of(MARIADB, MYSQL, WITHOUT_CHECKS, TIDB)) {
        assertThat(plans(dialect, "t", sql.toString())).as("seed %d: %s", seed, sql).isNotNull();
      }
    }
  }
}
