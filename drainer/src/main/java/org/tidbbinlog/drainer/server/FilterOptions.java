package org.tidbbinlog.drainer.server;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.drainer.filter.BinlogFilter;
import org.tidbbinlog.drainer.filter.FilterSettings;
import org.tidbbinlog.drainer.filter.FilterSettings.EventRule;
import org.tidbbinlog.drainer.filter.FilterSettings.MigrateRule;
import org.tidbbinlog.drainer.filter.FilterSettings.NameCase;
import org.tidbbinlog.drainer.filter.FilterSettings.TableName;
import org.tidbbinlog.node.config.Values;

/** Reads the filter keys. Source: drainer section 2.1. */
final class FilterOptions {
  private final DrainerOptions options;
  private final Values values;

  FilterOptions(DrainerOptions options, Values values) {
    this.options = options;
    this.values = values;
  }

  FilterSettings read() {
    FilterSettings settings =
        new FilterSettings(
            requireNoneEmpty(values.get(options.doDb), "replicate-do-db"),
            tableNames(values.get(options.doTable), "replicate-do-table"),
            requireNoneEmpty(
                List.of(values.get(options.ignoreSchemas).split(",", -1)), "ignore-schemas"),
            tableNames(values.get(options.ignoreTable), "ignore-table"),
            migrateRules(values.get(options.migrateRules)),
            eventRules(values.get(options.eventRules)),
            values.get(options.caseSensitive) ? NameCase.COUNTS : NameCase.IGNORED);
    BinlogFilter.requireUsable(settings);
    return settings;
  }

  private static List<String> requireNoneEmpty(List<String> names, String key) {
    if (names.contains("")) {
      throw new OperatorException(key + " has an empty element: " + String.join(",", names));
    }
    return names;
  }

  private static List<TableName> tableNames(Object list, String key) {
    List<TableName> names = new ArrayList<>();
    for (Object item : (List<?>) list) {
      TableName name = new TableName(text(item, "db-name"), text(item, "tbl-name"));
      if (name.schema().isEmpty() || name.table().isEmpty()) {
        throw new OperatorException(key + ": db-name and tbl-name must both be given");
      }
      names.add(name);
    }
    return names;
  }

  private static List<MigrateRule> migrateRules(Object list) {
    List<MigrateRule> rules = new ArrayList<>();
    for (Object item : (List<?>) list) {
      Object source = ((Map<?, ?>) item).get("source");
      if (source == null || text(source, "schema").isEmpty()) {
        throw new OperatorException("table-migrate-rule: source.schema must be given");
      }
      rules.add(
          new MigrateRule(
              text(source, "schema"),
              text(source, "table"),
              texts(item, "binlog-filter-rule"),
              target((Map<?, ?>) item)));
    }
    return rules;
  }

  private static TableName target(Map<?, ?> rule) {
    Object target = rule.get("target");
    if (target == null) {
      return MigrateRule.SAME_NAMES;
    }
    TableName name = new TableName(text(target, "schema"), text(target, "table"));
    if (name.equals(MigrateRule.SAME_NAMES)) {
      throw new OperatorException(
          "table-migrate-rule: target.schema or target.table must be given, or no target");
    }
    return name;
  }

  private static Map<String, EventRule> eventRules(Object table) {
    Map<String, EventRule> rules = new LinkedHashMap<>();
    ((Map<?, ?>) table)
        .forEach(
            (name, rule) ->
                rules.put(
                    String.valueOf(name),
                    new EventRule(texts(rule, "ignore-event"), texts(rule, "ignore-sql"))));
    return rules;
  }

  private static String text(Object table, String key) {
    Object value = ((Map<?, ?>) table).get(key);
    return value == null ? "" : String.valueOf(value);
  }

  private static List<String> texts(Object table, String key) {
    Object value = ((Map<?, ?>) table).get(key);
    return value instanceof List<?> list ? list.stream().map(String::valueOf).toList() : List.of();
  }
}
