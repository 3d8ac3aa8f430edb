package org.tidbbinlog.sinks.mysql;

import java.util.List;
import java.util.stream.Stream;
import org.tidbbinlog.codec.ddl.DdlAction;
import org.tidbbinlog.drainer.sink.SinkItem;

/**
 * A kind of DDL. Names hold {@code $}, replaced by a number of the test's own.
 *
 * @param setup run before, in lower case
 * @param query the job's text; its statements are what the server's log must show once each
 * @param look a query that tells the end from all else
 */
record DdlSample(String name, List<String> setup, String query, String look, List<String> end) {
  @Override
  public String toString() {
    return name;
  }

  /** The statements of its text. */
  List<String> statements() {
    return Stream.of(query.split(";")).map(String::strip).toList();
  }

  /** What a sink is given. */
  SinkItem.Ddl item(long number) {
    boolean database = query.contains("DATABASE");
    String table = query.startsWith("ALTER") || query.startsWith("TRUNCATE") ? "t$" : "";
    return Upstream.ddl(
        100,
        named(database ? "x$" : "d$", number),
        named(table, number),
        name.equals("create tables") ? DdlAction.CREATE_TABLES : DdlAction.NONE,
        named(query, number),
        null);
  }

  static String named(String text, long number) {
    return text.replace("$", Long.toString(number));
  }

  static DdlSample of(String name) {
    return all().stream().filter(sample -> sample.name.equals(name)).findFirst().orElseThrow();
  }

  static List<DdlSample> all() {
    List<String> abc =
        List.of(
            "create table a$(v int)",
            "create table b$(v int)",
            "create table c$(v int)",
            "insert into a$ values(1)",
            "insert into b$ values(2)",
            "insert into c$ values(3)");
    String letters =
        "select 'a',v from a$ union all select 'b',v from b$ union all select 'c',v from c$";
    String columns =
        "select table_name, column_name from information_schema.columns where table_schema='d$'";
    String indexes =
        "select index_name, column_name from information_schema.statistics where"
            + " table_schema='d$'";
    List<String> one = List.of("create table t$(id int, v int)", "insert into t$ values(1,2)");
    return List.of(
        new DdlSample(
            "create table", List.of(), "CREATE TABLE `t$` (`id` INT)", columns, l("t$,id")),
        new DdlSample(
            "create table like",
            one,
            "CREATE TABLE `u$` LIKE `t$`",
            columns,
            l("t$,id", "t$,v", "u$,id", "u$,v")),
        new DdlSample("drop table", one, "DROP TABLE `t$`", columns, l()),
        new DdlSample(
            "rename table", one, "RENAME TABLE `t$` TO `u$`", columns, l("u$,id", "u$,v")),
        new DdlSample(
            "rename cycle",
            abc,
            "RENAME TABLE `a$` TO `tmp$`, `c$` TO `a$`, `b$` TO `c$`, `tmp$` TO `b$`",
            letters,
            l("a,3", "b,1", "c,2")),
        new DdlSample(
            "alter rename", one, "ALTER TABLE `t$` RENAME TO `u$`", columns, l("u$,id", "u$,v")),
        new DdlSample(
            "exchange partition",
            List.of(
                "create table e$(id int)",
                "create table p$(id int) partition by range(id)"
                    + " (partition p0 values less than (10), partition p1 values less than (99))",
                "insert into e$ values(31)",
                "insert into p$ values(50)"),
            "ALTER TABLE `p$` EXCHANGE PARTITION `p1` WITH TABLE `e$`",
            "select 'e',id from e$ union all select 'p',id from p$",
            l("e,50", "p,31")),
        new DdlSample(
            "add column",
            one,
            "ALTER TABLE `t$` ADD COLUMN `w` INT",
            columns,
            l("t$,id", "t$,v", "t$,w")),
        new DdlSample("drop column", one, "ALTER TABLE `t$` DROP COLUMN `v`", columns, l("t$,id")),
        new DdlSample("add index", one, "ALTER TABLE `t$` ADD INDEX (`v`)", indexes, l("v,v")),
        new DdlSample("create index", one, "CREATE INDEX `i` ON `t$` (`v`)", indexes, l("i,v")),
        new DdlSample("truncate", one, "TRUNCATE TABLE `t$`", "select count(*) from t$", l("0")),
        new DdlSample(
            "create database",
            List.of(),
            "CREATE DATABASE `x$` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
            "select count(*) from information_schema.schemata where schema_name='x$'",
            l("1")),
        new DdlSample(
            "drop database",
            List.of("create database x$", "create table x$.t(id int)"),
            "DROP DATABASE `x$`",
            "select count(*) from information_schema.schemata where schema_name='x$'",
            l("0")),
        new DdlSample(
            "create tables",
            List.of(),
            "CREATE TABLE `a$` (`v` INT); CREATE TABLE `b$` (`w` INT); CREATE TABLE `c$` (`x` INT)",
            columns,
            l("a$,v", "b$,w", "c$,x")));
  }

  private static List<String> l(String... values) {
    return List.of(values);
  }
}
