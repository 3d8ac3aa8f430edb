package org.tidbbinlog.drainer.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.drainer.filter.FilterSettings.EventRule;
import org.tidbbinlog.drainer.filter.FilterSettings.MigrateRule;
import org.tidbbinlog.drainer.filter.FilterSettings.NameCase;
import org.tidbbinlog.drainer.filter.FilterSettings.TableName;
import org.tidbbinlog.drainer.sink.RowChange;

class BinlogFilterTest {
  @Test
  @DisplayName("drainer fact 15: do-db takes names and ~regex; ignore-table beats do-table")
  void allow_rules_pass_what_matches_and_block_rules_win() {
    BinlogFilter filter =
        tables(
            List.of("~^b.*", "s1"),
            List.of(new TableName("d", "t")),
            List.of(),
            List.of(new TableName("d", "t")));
    assertThat(passes(filter, "B1", "t")).isTrue();
    assertThat(passes(filter, "s1", "t")).isTrue();
    assertThat(passes(filter, "as1", "t")).isFalse();
    assertThat(passes(filter, "d", "t")).isFalse();
  }

  @Test
  @DisplayName("drainer fact 20: plain names in filters are not regular expressions")
  void plain_names_match_only_themselves() {
    BinlogFilter filter = tables(List.of(), List.of(), List.of("a.b", "t$", "x+", "[y"), List.of());
    assertThat(passes(filter, "a.b", "t")).isFalse();
    assertThat(passes(filter, "acb", "t")).isTrue();
    assertThat(passes(filter, "T$", "t")).isFalse();
    assertThat(passes(filter, "xx", "t")).isTrue();
    assertThat(passes(filter, "[y", "t")).isFalse();
  }

  @Test
  void regex_classes_keep_their_case() {
    BinlogFilter filter = tables(List.of("~^a\\D+$"), List.of(), List.of(), List.of());
    assertThat(passes(filter, "ABC", "t")).isTrue();
    assertThat(passes(filter, "a11", "t")).isFalse();
  }

  @Test
  void wrong_regex_is_an_error_that_names_the_key() {
    assertThatThrownBy(() -> tables(List.of("~("), List.of(), List.of(), List.of()))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("replicate-do-db")
        .hasMessageContaining("~(");
  }

  @Test
  void database_ddl_fails_the_allow_stage_when_only_tables_are_listed() {
    BinlogFilter filter = tables(List.of(), List.of(new TableName("d", "t")), List.of(), List.of());
    assertThat(filter.keepsDdl("d", "", "create database d")).isFalse();
    assertThat(filter.keepsDdl("d", "t", "create table t(a int)")).isTrue();
  }

  @Test
  void event_rule_drops_rows_and_statements_of_its_tables_only() {
    BinlogFilter filter =
        events(
            new MigrateRule("db*", "t?", List.of("r")),
            new EventRule(List.of("delete", "Drop Table"), List.of("^\\s*alter .* add\\b")));
    assertThat(filter.keptRows("db1", "t1"))
        .containsExactlyInAnyOrder(RowChange.Kind.INSERT, RowChange.Kind.UPDATE);
    assertThat(filter.keptRows("db1", "t10")).hasSize(3);
    assertThat(filter.keptRows("other", "t1")).hasSize(3);
    assertThat(filter.keepsDdl("db1", "t1", "/* x */ drop table t1")).isFalse();
    assertThat(filter.keepsDdl("db1", "t1", "ALTER TABLE t1 ADD COLUMN a INT")).isFalse();
    assertThat(filter.keepsDdl("db1", "t1", "create unique index i on t1(a)")).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "create database | CREATE DATABASE IF NOT EXISTS d",
        "Create Schema | create schema d",
        "drop database | drop schema d",
        "DROP SCHEMA | drop database d",
        "alter database | alter database d charset utf8mb4",
        "create table | create table t like u",
        "drop table | drop table if exists t",
        "truncate table | truncate t",
        "rename table | rename table t to u",
        "create index | create unique index i on t(a)",
        "drop index | drop index i on t",
        "create view | create or replace definer=`drop table`@`%` view v as select 1",
        "drop view | drop view v",
        "alter table | alter table t add column a int",
        "alter table | alter table t drop partition p",
        "add table partition | alter table t add partition (partition p values less than (9))",
        "drop table partition | alter table `drop partition` drop partition p",
        "truncate table partition | /* x */ alter table t truncate partition p, q",
        "all ddl | create sequence s",
        "all | alter table t cache",
      })
  void each_event_name_leaves_its_statements_out_and_no_others(String event, String query) {
    MigrateRule rule = new MigrateRule("d", "", List.of("r"));
    boolean named = !event.startsWith("all");
    assertThat(events(rule, new EventRule(List.of(event), List.of())).keepsDdl("d", "t", query))
        .isEqualTo(!named && query.matches("create sequence.*"));
    List<String> others =
        named && !query.matches(".*(add|drop|truncate) partition.*")
            ? EVENTS.stream().filter(name -> !sameEvent(name, event)).toList()
            : List.of("insert", "update", "delete");
    assertThat(events(rule, new EventRule(others, List.of())).keepsDdl("d", "t", query)).isTrue();
    assertThat(
            events(rule, new EventRule(List.of("none ddl", event), List.of()))
                .keepsDdl("d", "t", query))
        .isTrue();
  }

  private static final List<String> EVENTS =
      List.of(
          "insert",
          "update",
          "delete",
          "create database",
          "drop database",
          "alter database",
          "create table",
          "drop table",
          "truncate table",
          "rename table",
          "create index",
          "drop index",
          "create view",
          "drop view",
          "alter table",
          "add table partition",
          "drop table partition",
          "truncate table partition");

  private static boolean sameEvent(String name, String other) {
    return name.equals(other.toLowerCase(java.util.Locale.ROOT).replace("schema", "database"));
  }

  @ParameterizedTest
  @CsvSource({"insert,INSERT", "update,UPDATE", "Delete,DELETE"})
  void each_row_event_leaves_its_rows_out(String event, RowChange.Kind kind) {
    MigrateRule rule = new MigrateRule("d", "t", List.of("r"));
    assertThat(events(rule, new EventRule(List.of(event), List.of())).keptRows("d", "t"))
        .hasSize(2)
        .doesNotContain(kind);
    for (String all : List.of("all", "all dml")) {
      assertThat(events(rule, new EventRule(List.of(all), List.of())).keptRows("d", "t")).isEmpty();
    }
    for (String none : List.of("none", "none dml")) {
      assertThat(events(rule, new EventRule(List.of(none, event), List.of())).keptRows("d", "t"))
          .hasSize(3);
    }
  }

  @Test
  void statement_without_an_event_name_is_left_out_by_its_text_only() {
    MigrateRule rule = new MigrateRule("d", "t", List.of("r"));
    EventRule byText = new EventRule(List.of(), List.of("^create sequence", "cache\\s*$"));
    assertThat(events(rule, byText).keepsDdl("d", "t", "CREATE SEQUENCE t")).isFalse();
    assertThat(events(rule, byText).keepsDdl("d", "t", "alter table t CACHE")).isFalse();
    assertThat(events(rule, byText).keepsDdl("d", "t", "drop sequence t")).isTrue();
    assertThat(events(rule, byText).keptRows("d", "t")).hasSize(3);
  }

  @Test
  void event_list_is_read_in_order_and_none_ends_it() {
    MigrateRule rule = new MigrateRule("[a-c]x", "", List.of("r"));
    BinlogFilter none = events(rule, new EventRule(List.of("none dml", "all"), List.of()));
    assertThat(none.keptRows("ax", "t")).hasSize(3);
    assertThat(none.keepsDdl("ax", "t", "truncate table t")).isFalse();
    assertThat(none.keepsDdl("dx", "t", "truncate table t")).isTrue();
    BinlogFilter all = events(rule, new EventRule(List.of("all dml", "none"), List.of()));
    assertThat(all.keptRows("bx", "t")).isEmpty();
    assertThat(all.keepsDdl("bx", "t", "rename table t to u")).isTrue();
  }

  @Test
  void unknown_rule_and_event_names_are_errors() {
    assertThatThrownBy(
            () ->
                events(
                    new MigrateRule("a", "b", List.of("no-such")),
                    new EventRule(List.of(), List.of())))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("no-such");
    assertThatThrownBy(
            () ->
                events(
                    new MigrateRule("a", "b", List.of("r")),
                    new EventRule(List.of("explode"), List.of())))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("explode");
  }

  private static boolean passes(BinlogFilter filter, String schema, String table) {
    return !filter.keptRows(schema, table).isEmpty();
  }

  private static BinlogFilter tables(
      List<String> doSchemas,
      List<TableName> doTables,
      List<String> ignoreSchemas,
      List<TableName> ignoreTables) {
    return new BinlogFilter(
        new FilterSettings(
            doSchemas,
            doTables,
            ignoreSchemas,
            ignoreTables,
            List.of(),
            Map.of(),
            NameCase.IGNORED));
  }

  private static BinlogFilter events(MigrateRule rule, EventRule events) {
    return new BinlogFilter(
        new FilterSettings(
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(rule),
            Map.of("r", events),
            NameCase.IGNORED));
  }
}
