package org.tidbbinlog.sinks.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.filter.FilterSettings;
import org.tidbbinlog.drainer.filter.FilterSettings.EventRule;
import org.tidbbinlog.drainer.filter.FilterSettings.MigrateRule;
import org.tidbbinlog.drainer.filter.FilterSettings.NameCase;
import org.tidbbinlog.drainer.filter.FilterSettings.TableName;
import org.tidbbinlog.drainer.sink.SinkItem;

/**
 * The target part of {@code table-migrate-rule}: binlogs in, rows at a server under other names.
 */
@EachTarget
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class RoutesTest {
  private final String from = "f" + TargetServer.unique();
  private final String to = "t" + TargetServer.unique();
  private final long cluster = TargetServer.unique();
  private final TargetServer server;
  private final MysqlTargetSettings settings;
  private Tso done = new Tso(1);

  RoutesTest(TargetKind kind) {
    this.server = kind.server();
    this.settings = server.settings();
  }

  @AfterEach
  void dropDatabases() {
    server.execute("drop database if exists " + from, "drop database if exists " + to);
  }

  @Test
  void wholeDatabase_rowsAndDdl_arriveUnderItsNewName() throws Exception {
    SmallTidb tidb = new SmallTidb(routes(rule(from, "", to, "")));
    tidb.database(from)
        .table(from, "a", "create table a(id bigint primary key, v bigint)", "id", "v")
        .table(from, "b", "create table " + from + ".b like " + from + ".a", "id", "v");
    tidb.rows().insert(from, "a", 1, 1).insert(from, "b", 7, 7).commit();
    tidb.alter(from, "a", "alter table a add column w bigint default 5", "id", "v", "w");
    tidb.rows().update(from, "a", List.of(1, 1, 5), List.of(1, 2, 6)).commit();
    tidb.rename(from, "b", from, "c", "rename table b to c");
    tidb.rows().delete(from, "c", 7, 7).insert(from, "c", 8, 8).commit();
    tidb.alter(from, "c", "create unique index u on " + from + ".c(v)", "id", "v");
    apply(tidb.items());
    assertThat(server.rows("select * from " + to + ".a")).containsExactly("1,2,6");
    assertThat(server.rows("select * from " + to + ".c")).containsExactly("8,8");
    assertThat(server.rows("show databases like '" + from + "'")).isEmpty();
    tidb.dropDatabase(from);
    apply(tidb.items());
    assertThat(server.rows("show databases like '" + to + "'")).isEmpty();
  }

  @Test
  void severalTables_oneTarget_theirRowsComeTogetherAndKeepTheirOrder() throws Exception {
    SmallTidb tidb = new SmallTidb(routes(rule(from, "s_?", to, "s")));
    server.execute("create database " + to);
    tidb.database(from)
        .table(from, "s_1", "create table s_1(id bigint primary key, v bigint)", "id", "v")
        .table(from, "s_2", "create table s_2(id bigint primary key, v bigint)", "id", "v");
    for (int i = 1; i <= 50; i++) {
      tidb.rows().insert(from, "s_1", i, 1).commit();
      tidb.rows().delete(from, "s_1", i, 1).commit();
      tidb.rows().insert(from, "s_2", i, 2).commit();
      tidb.rows().update(from, "s_2", List.of(i, 2), List.of(i, i)).commit();
    }
    apply(tidb.items());
    assertThat(server.rows("select count(*), sum(v) from " + to + ".s")).containsExactly("50,1275");
    tidb.alter(from, "s_1", "alter table s_1 add column w bigint default 5", "id", "v", "w");
    tidb.rows().insert(from, "s_2", 51, 51).commit();
    tidb.alter(from, "s_2", "alter table s_2 add column w bigint default 5", "id", "v", "w");
    tidb.rows().insert(from, "s_2", 52, 52, 7).commit();
    apply(tidb.items());
    assertThat(server.rows("select * from " + to + ".s where id>50"))
        .containsExactly("51,51,5", "52,52,7");
  }

  @Test
  void sharedTarget_dropTruncateAndRenameOfOne_areHeldUntilTheyAreAlone() throws Exception {
    SmallTidb tidb = new SmallTidb(routes(rule(from, "s_?", to, "s")));
    server.execute("create database " + to);
    tidb.database(from)
        .table(from, "s_1", "create table s_1(id bigint primary key)", "id")
        .table(from, "s_2", "create table s_2(id bigint primary key)", "id");
    tidb.rows().insert(from, "s_1", 1).insert(from, "s_2", 2).commit();
    apply(tidb.items());
    tidb.truncate(from, "s_1", "truncate table s_1");
    assertThatThrownBy(() -> apply(tidb.items()))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("rows of " + from + ".s_2 are in the same table")
        .hasMessageContaining("ignore-txn-commit-ts");
    tidb.rename(from, "s_1", from, "x", "rename table s_1 to x");
    assertThatThrownBy(() -> apply(tidb.items()))
        .hasMessageContaining("is held by table-migrate-rule");
    tidb.rename(from, "s_2", from, "s_3", "rename table s_2 to s_3");
    assertThat(tidb.items()).extracting(SinkItem::kind).containsExactly(SinkItem.Kind.PROGRESS);
    tidb.drop(from, "s_3", "drop table s_3");
    apply(tidb.items());
    assertThat(server.rows("show tables from " + to)).isEmpty();
  }

  /** Upper and lower case are two values of a key at upstream. */
  @Test
  void severalTablesOfOneJob_haveUpstreamsCollationUnderTheirNewNames() throws Exception {
    SmallTidb tidb = new SmallTidb(routes(rule(from, "a", to, "x"), rule(from, "b", to, "a")));
    server.execute("create database " + to + " character set utf8mb4 collate utf8mb4_general_ci");
    String create =
        "CREATE TABLE `%s` (`id` BIGINT PRIMARY KEY, `v` VARCHAR(64), UNIQUE KEY (`v`));";
    tidb.database(from).tables(from, create.formatted("a") + create.formatted("b"), "a", "b");
    tidb.rows()
        .insert(from, "a", 1, "v")
        .insert(from, "a", 2, "V")
        .insert(from, "b", 1, "v")
        .insert(from, "b", 2, "V")
        .commit();
    apply(tidb.items());
    assertThat(
            server.rows(
                "select table_name, table_collation from information_schema.tables where"
                    + " table_schema='"
                    + to
                    + "'"))
        .containsExactly("a,utf8mb4_bin", "x,utf8mb4_bin");
    assertThat(server.rows("select * from " + to + ".x")).containsExactly("1,v", "2,V");
  }

  @Test
  void statementsThatNameOtherTables_takeTheirTargetsNames() throws Exception {
    SmallTidb tidb = new SmallTidb(routes(rule(from, "p", to, "parent"), rule(from, "c*", to, "")));
    server.execute("create database " + to);
    tidb.database(from)
        .table(from, "p", "create table p(id bigint primary key, `p` bigint)", "id", "p")
        .table(
            from,
            "child",
            "create table child(id bigint primary key, p bigint, constraint `x` foreign key (p)"
                + " references `p`(`id`)) comment='references p'",
            "id",
            "p")
        .table(
            from,
            "v",
            "create algorithm=merge definer=current_user view v as select p.p, child.id from "
                + from
                + ".p join child on child.p="
                + from
                + ".p.id where p.id>0",
            "p",
            "id");
    tidb.rows().insert(from, "p", 1, 10).insert(from, "child", 4, 1).commit();
    apply(tidb.items());
    assertThat(server.rows("select * from " + from + ".v")).containsExactly("10,4");
    assertThat(
            server.rows(
                "select referenced_table_name, unique_constraint_schema from"
                    + " information_schema.referential_constraints where constraint_schema='"
                    + to
                    + "'"))
        .containsExactly("parent," + to);
  }

  @Test
  void filterOfTheSameRule_looksAtUpstreamsNames() throws Exception {
    MigrateRule rule = new MigrateRule(from, "s_?", List.of("keep"), new TableName(to, "s"));
    SmallTidb tidb =
        new SmallTidb(
            settings(
                List.of(rule),
                Map.of("keep", new EventRule(List.of("truncate table", "delete"), List.of()))));
    server.execute("create database " + to);
    tidb.database(from)
        .table(from, "s_1", "create table s_1(id bigint primary key)", "id")
        .table(from, "s_2", "create table s_2(id bigint primary key)", "id");
    tidb.rows().insert(from, "s_1", 1).insert(from, "s_2", 2).commit();
    tidb.truncate(from, "s_1", "truncate table s_1");
    tidb.rows().delete(from, "s_2", 2).commit();
    apply(tidb.items());
    assertThat(server.rows("select * from " + to + ".s")).containsExactly("1", "2");
  }

  @Test
  void killedBeforeTheCheckpoint_rowsOfSharedTargetsAreAppliedOnce() throws Exception {
    SmallTidb tidb = new SmallTidb(routes(rule(from, "s_?", to, "s")));
    server.execute("create database " + to, "create table " + to + ".s(id bigint, v bigint)");
    tidb.database(from)
        .table(from, "s_1", "create table s_1(id bigint, v bigint)", "id", "v")
        .table(from, "s_2", "create table s_2(id bigint, v bigint)", "id", "v");
    tidb.rows().insert(from, "s_1", 1, 1).insert(from, "s_2", 1, 1).commit();
    SinkItem[] items = tidb.items();
    apply(items);
    Tso start = done;
    done = new Tso(1);
    apply(items);
    assertThat(done).isEqualTo(start);
    assertThat(server.rows("select * from " + to + ".s")).containsExactly("1,1", "1,1");
  }

  private void apply(SinkItem... items) throws Exception {
    try (MysqlSink sink =
        TargetServer.open(settings, cluster, ResumeFrom.initial(done), new Acks())) {
      for (SinkItem item : items) {
        sink.submit(item);
        done = item.commitTs();
      }
      assertThat(sink.drain(Duration.ofSeconds(60))).isTrue();
    }
  }

  private static MigrateRule rule(String schema, String table, String toSchema, String toTable) {
    return new MigrateRule(schema, table, List.of(), new TableName(toSchema, toTable));
  }

  private static FilterSettings routes(MigrateRule... rules) {
    return settings(List.of(rules), Map.of());
  }

  private static FilterSettings settings(List<MigrateRule> rules, Map<String, EventRule> events) {
    return new FilterSettings(
        List.of(), List.of(), List.of("mysql"), List.of(), rules, events, NameCase.IGNORED);
  }
}
