package org.tidbbinlog.drainer.filter;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.drainer.filter.FilterSettings.MigrateRule;
import org.tidbbinlog.drainer.filter.FilterSettings.TableName;

/**
 * What tables and databases are called at the target: the target part of {@code
 * table-migrate-rule}. A rule with a table pattern goes before one for a whole schema; two rules of
 * the same rank that say different things about one table are an error. Immutable; any thread.
 * Source: drainer section 2.1.
 */
public final class TableRoutes {
  /** Every name stays what it is. */
  public static final TableRoutes NONE = new TableRoutes(List.of());

  private record Route(
      Pattern schema, Optional<Pattern> table, MigrateRule rule, boolean wholeSchema) {
    boolean covers(String schemaName) {
      return schema.matcher(schemaName).matches();
    }

    boolean covers(String schemaName, String tableName) {
      return covers(schemaName) && table.isPresent() && table.get().matcher(tableName).matches();
    }

    TableName of(String schemaName, String tableName) {
      TableName target = rule.target();
      return new TableName(
          target.schema().isEmpty() ? schemaName : target.schema(),
          target.table().isEmpty() ? tableName : target.table());
    }

    String text() {
      return rule.schema() + (rule.table().isEmpty() ? "" : "." + rule.table());
    }
  }

  private final List<Route> routes;

  private TableRoutes(List<Route> routes) {
    this.routes = List.copyOf(routes);
  }

  static TableRoutes of(FilterSettings settings) {
    List<Route> routes = new ArrayList<>();
    for (MigrateRule rule : settings.migrateRules()) {
      if (!rule.target().equals(MigrateRule.SAME_NAMES)) {
        Optional<Pattern> table =
            rule.table().isEmpty()
                ? Optional.empty()
                : Optional.of(Wildcard.compile(rule.table(), settings.nameCase()));
        boolean wholeSchema =
            rule.table().isEmpty() || (rule.table().equals("*") && rule.target().table().isEmpty());
        routes.add(
            new Route(
                Wildcard.compile(rule.schema(), settings.nameCase()), table, rule, wholeSchema));
      }
    }
    return new TableRoutes(routes);
  }

  public boolean isEmpty() {
    return routes.isEmpty();
  }

  /**
   * The name of a table at the target.
   *
   * @throws OperatorException when two rules contradict each other
   */
  public TableName table(String schema, String table) {
    List<Route> ofTable = routes.stream().filter(route -> route.covers(schema, table)).toList();
    List<Route> asked =
        ofTable.isEmpty()
            ? routes.stream()
                .filter(route -> route.table.isEmpty() && route.covers(schema))
                .toList()
            : ofTable;
    return only(asked, schema, table);
  }

  /**
   * The name of a database at the target: rules for single tables do not move it.
   *
   * @throws OperatorException when two rules contradict each other
   */
  public String database(String schema) {
    List<Route> asked =
        routes.stream().filter(route -> route.wholeSchema && route.covers(schema)).toList();
    return only(asked, schema, "").schema();
  }

  private static TableName only(List<Route> asked, String schema, String table) {
    if (asked.isEmpty()) {
      return new TableName(schema, table);
    }
    TableName first = asked.get(0).of(schema, table);
    for (Route other : asked) {
      if (!other.of(schema, table).equals(first)) {
        throw new OperatorException(
            "table-migrate-rule: "
                + schema
                + (table.isEmpty() ? "" : "." + table)
                + " matches the rules for "
                + asked.get(0).text()
                + " and for "
                + other.text()
                + ", whose targets differ: make them exclude each other");
      }
    }
    return first;
  }
}
