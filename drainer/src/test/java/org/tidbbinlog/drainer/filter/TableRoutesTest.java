package org.tidbbinlog.drainer.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.drainer.filter.FilterSettings.MigrateRule;
import org.tidbbinlog.drainer.filter.FilterSettings.NameCase;
import org.tidbbinlog.drainer.filter.FilterSettings.TableName;

class TableRoutesTest {
  @Test
  void ruleForTables_goesBeforeOneForTheirDatabase() {
    TableRoutes routes =
        routes(
            NameCase.IGNORED,
            rule("shop_*", "o?", "shop", "orders"),
            rule("shop_*", "", "all", ""));
    assertThat(routes.table("Shop_1", "O1")).isEqualTo(new TableName("shop", "orders"));
    assertThat(routes.table("shop_1", "items")).isEqualTo(new TableName("all", "items"));
    assertThat(routes.table("other", "o1")).isEqualTo(new TableName("other", "o1"));
    assertThat(routes.database("shop_1")).isEqualTo("all");
    assertThat(routes.database("other")).isEqualTo("other");
  }

  @Test
  void ruleForSingleTables_doesNotMoveTheirDatabase() {
    TableRoutes routes =
        routes(NameCase.IGNORED, rule("a", "t*", "b", ""), rule("c", "*", "d", ""));
    assertThat(routes.database("a")).isEqualTo("a");
    assertThat(routes.database("c")).isEqualTo("d");
    assertThat(routes.table("a", "t1")).isEqualTo(new TableName("b", "t1"));
  }

  @Test
  void caseOfNames_countsWhenAskedFor() {
    TableRoutes routes = routes(NameCase.COUNTS, rule("A", "T", "b", "u"));
    assertThat(routes.table("A", "T")).isEqualTo(new TableName("b", "u"));
    assertThat(routes.table("a", "T")).isEqualTo(new TableName("a", "T"));
  }

  @Test
  void rulesThatContradict_areAnErrorThatNamesBoth() {
    TableRoutes routes =
        routes(NameCase.IGNORED, rule("a", "t*", "b", ""), rule("a", "?1", "c", ""));
    assertThat(routes.table("a", "t2").schema()).isEqualTo("b");
    assertThatThrownBy(() -> routes.table("a", "t1"))
        .isInstanceOf(OperatorException.class)
        .hasMessageContaining("a.t*")
        .hasMessageContaining("a.?1");
  }

  private static MigrateRule rule(String schema, String table, String toSchema, String toTable) {
    return new MigrateRule(schema, table, List.of(), new TableName(toSchema, toTable));
  }

  private static TableRoutes routes(NameCase nameCase, MigrateRule... rules) {
    return TableRoutes.of(
        new FilterSettings(
            List.of(), List.of(), List.of(), List.of(), List.of(rules), Map.of(), nameCase));
  }
}
