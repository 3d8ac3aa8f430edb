package org.tidbbinlog.drainer.translate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tidbbinlog.drainer.filter.BinlogFilter;
import org.tidbbinlog.drainer.filter.FilterSettings;
import org.tidbbinlog.drainer.filter.FilterSettings.MigrateRule;
import org.tidbbinlog.drainer.filter.FilterSettings.NameCase;
import org.tidbbinlog.drainer.filter.FilterSettings.TableName;
import org.tidbbinlog.drainer.schema.SchemaSnapshot;
import org.tidbbinlog.drainer.schema.SchemaTracker;
import org.tidbbinlog.drainer.sink.Obstacle;

/** Statements run in database d. Table a is X.A at the target, database e is F, all else stays. */
class DdlRoutesTest {
  private static final FilterSettings RULES =
      new FilterSettings(
          List.of(),
          List.of(),
          List.of(),
          List.of(),
          List.of(
              new MigrateRule("d", "a", List.of(), new TableName("X", "A")),
              new MigrateRule("e", "", List.of(), new TableName("F", ""))),
          Map.of(),
          NameCase.IGNORED);
  private static final SchemaTracker.Step NOTHING_ELSE =
      new SchemaTracker.Step(SchemaSnapshot.initial(), SchemaSnapshot.initial());

  private final DdlRoutes routes = new DdlRoutes(new BinlogFilter(RULES));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "d.a | create table a(a int, b text default 'a''\\'a')"
            + " | create table `X`.`A`(a int, b text default 'a''\\'a')",
        "d.a | CREATE /*T! GLOBAL TEMPORARY */ TABLE if not exists `d`.`a` /* a */ (a int)"
            + " | CREATE /*T! GLOBAL TEMPORARY */ TABLE if not exists `X`.`A` /* a */ (a int)",
        "d.b | create table b like a | create table b like `X`.`A`",
        "d.b | create table b (like d.a) | create table b (like `X`.`A`)",
        "d.b | create table b(i int references a(i), j int default nextval(e.s),"
            + " foreign key (j) references e.c(j))"
            + " | create table b(i int references `X`.`A`(i), j int default nextval(`F`.`s`),"
            + " foreign key (j) references `F`.`c`(j))",
        "d.b | create table b(i int default next value for a)"
            + " | create table b(i int default next value for `X`.`A`)",
        "e.c | create table e.c like b | create table `F`.`c` like `d`.`b`",
        "d.a | create unique index a on a(a) | create unique index a on `X`.`A`(a)",
        "d.a | drop index a on d.a | drop index a on `X`.`A`",
        "d.a | alter table a add column a int, rename index a to b, add constraint foreign key"
            + " (a) references a(b)"
            + " | alter table `X`.`A` add column a int, rename index a to b, add constraint"
            + " foreign key (a) references `X`.`A`(b)",
        "d.b | alter table a rename b | alter table `X`.`A` rename b",
        "d.a | alter table b rename to a | alter table `d`.`b` rename to `X`.`A`",
        "e.c | alter table b rename as e.c | alter table `d`.`b` rename as `F`.`c`",
        "d.b | alter table b exchange partition p with table a without validation"
            + " | alter table b exchange partition p with table `X`.`A` without validation",
        "d.b | rename table a to b, e.c to d.c" + " | rename table `X`.`A` to b, `F`.`c` to d.c",
        "d.a | drop table if exists a, b | drop table if exists `X`.`A`, `d`.`b`",
        "d.a | truncate a | truncate `X`.`A`",
        "d.a | flashback table a to b | flashback table `X`.`A` to `d`.`b`",
        "d.a | create sequence a start 1 | create sequence `X`.`A` start 1",
        "e. | create database if not exists e | create database if not exists `F`",
        "e. | drop schema `e` | drop schema `F`",
        "d. | create database d | create database d",
        "e. | alter database charset utf8mb4 | alter database charset utf8mb4",
        "e. | alter database `e` charset utf8mb4 | alter database `F` charset utf8mb4",
        "d.v | create or replace definer=`a`@`%` view v(a) as select a.a, extract(day from a.b)"
            + " from a, (select * from e.c) as q where exists(select 1 from d.a x where x.a=a.a)"
            + " | create or replace definer=`a`@`%` view v(a) as select a.a, extract(day from a.b)"
            + " from `X`.`A` AS `a`, (select * from `F`.`c`) as q where exists(select 1 from"
            + " `X`.`A` x where x.a=a.a)",
        "d.v | create view v as select d.a.b from d.a join (e.c, b) on f(d.a.x, e.c.y)"
            + " | create view v as select `a`.b from `X`.`A` AS `a` join (`F`.`c`, b) on"
            + " f(`a`.x, `F`.`c`.y)",
        "d.v | create view v as with a as (select 1 from b) select * from a"
            + " | create view v as with a as (select 1 from b) select * from a",
        "d.a | /* a */ drop table a; drop table b | /* a */ drop table `X`.`A`; drop table `d`.`b`",
        "d.a | alter placement policy a followers=2 | alter placement policy a followers=2",
      })
  void statement_takesTheTargetsNames(String subject, String upstream, String target) {
    String[] about = subject.split("\\.", -1);
    assertThat(
            routes
                .route(statement(upstream, about[0], about[1]), NOTHING_ELSE)
                .orElseThrow()
                .query()
                .replaceAll("\\s+", " "))
        .isEqualTo(target);
  }

  @Test
  void unqualifiedNames_meanTheTargetsDatabase() {
    assertThat(routes.route(statement("drop table a", "d", "a"), NOTHING_ELSE).orElseThrow())
        .isEqualTo(new DdlRoutes.Routed("drop table `X`.`A`", "X", "A"));
    assertThat(routes.route(statement("drop table b", "d", "b"), NOTHING_ELSE).orElseThrow())
        .isEqualTo(new DdlRoutes.Routed("drop table b", "d", "b"));
  }

  @Test
  void statementThatIsNotUnderstood_isHeldOnlyWhereNamesChange() {
    DdlRoutes.Routed held =
        routes.route(statement("repair table a quickly", "d", "a"), NOTHING_ELSE).orElseThrow();
    assertThat(held.obstacle().why()).contains("not all names in it can be found");
    assertThat(held.obstacle().tables()).containsExactly(new Obstacle.Table("X", "A"));
    assertThat(held.query()).isEqualTo("repair table a quickly");
    assertThat(held.schema()).isEqualTo("X");
    assertThat(
            routes
                .route(statement("repair table b quickly", "d", "b"), NOTHING_ELSE)
                .orElseThrow()
                .query())
        .isEqualTo("repair table b quickly");
    assertThat(
            routes
                .route(statement("create view v as select * from e.a, a", "d", "v"), NOTHING_ELSE)
                .orElseThrow()
                .obstacle())
        .isEqualTo(
            new Obstacle(
                Obstacle.Kind.NO_ROUTE,
                held.obstacle().why(),
                List.of(new Obstacle.Table("d", "v"))));
  }

  @Test
  void rulesThatContradictEachOther_holdTheDdl() {
    MigrateRule other = new MigrateRule("d", "?", List.of(), new TableName("Y", ""));
    FilterSettings both =
        new FilterSettings(
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(RULES.migrateRules().get(0), other),
            Map.of(),
            NameCase.IGNORED);
    Obstacle obstacle =
        new DdlRoutes(new BinlogFilter(both))
            .route(statement("alter table a add column b int", "d", "a"), NOTHING_ELSE)
            .orElseThrow()
            .obstacle();
    assertThat(obstacle.kind()).isEqualTo(Obstacle.Kind.NO_ROUTE);
    assertThat(obstacle.why()).contains("make them exclude each other");
    assertThat(obstacle.tables()).containsExactly(new Obstacle.Table("d", "a"));
  }

  private static DdlRoutes.Statement statement(String query, String schema, String table) {
    return new DdlRoutes.Statement(query, "d", List.of(new DdlNames.Subject(schema, table)));
  }
}
