package org.tidbbinlog.drainer.filter;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;
import org.tidbbinlog.base.OperatorException;

/**
 * Leaves single events and statements of single tables out: the filter part of {@code
 * table-migrate-rule}. Source: drainer section 2.1.
 */
final class EventFilter {
  /** One named rule bound to one table pattern. */
  private record Rule(
      Pattern schema, Optional<Pattern> table, List<EventKind> events, Optional<Pattern> sql) {
    boolean covers(String schemaName, String tableName) {
      return schema.matcher(schemaName).matches()
          && (table.isEmpty() || table.get().matcher(tableName).matches());
    }

    /** The list is read in order: a "none" entry ends it. */
    boolean ignores(EventKind event) {
      for (EventKind entry : events) {
        boolean ofItsKind =
            switch (entry) {
              case ALL, NONE -> true;
              case ALL_DDL, NONE_DDL -> !event.isDml();
              case ALL_DML, NONE_DML -> event.isDml();
              default -> entry == event;
            };
        if (ofItsKind) {
          return entry != EventKind.NONE
              && entry != EventKind.NONE_DDL
              && entry != EventKind.NONE_DML;
        }
      }
      return false;
    }
  }

  private final List<Rule> rules = new ArrayList<>();

  EventFilter(FilterSettings settings) {
    for (FilterSettings.MigrateRule rule : settings.migrateRules()) {
      for (String name : rule.eventRules()) {
        FilterSettings.EventRule events = settings.eventRules().get(name);
        if (events == null) {
          throw new OperatorException(
              "table-migrate-rule: there is no binlog-filter-rule named \"" + name + "\"");
        }
        rules.add(bind(rule, name, events, settings.nameCase()));
      }
    }
  }

  boolean keepsRow(String schema, String table, EventKind event) {
    return rules.stream().noneMatch(rule -> rule.covers(schema, table) && rule.ignores(event));
  }

  /**
   * @param events empty for statements no event name exists for
   */
  boolean keepsStatement(String schema, String table, List<EventKind> events, String query) {
    for (Rule rule : rules) {
      boolean ignored =
          rule.covers(schema, table)
              && (events.stream().anyMatch(rule::ignores)
                  || rule.sql.filter(sql -> sql.matcher(query).find()).isPresent());
      if (ignored) {
        return false;
      }
    }
    return true;
  }

  private static Rule bind(
      FilterSettings.MigrateRule tables,
      String name,
      FilterSettings.EventRule events,
      FilterSettings.NameCase nameCase) {
    Optional<Pattern> table =
        tables.table().isEmpty()
            ? Optional.empty()
            : Optional.of(Wildcard.compile(tables.table(), nameCase));
    List<EventKind> kinds =
        events.ignoreEvents().stream()
            .map(
                text ->
                    EventKind.of(text)
                        .orElseThrow(
                            () ->
                                new OperatorException(
                                    "binlog-filter-rule."
                                        + name
                                        + ": unknown event \""
                                        + text
                                        + "\"")))
            .toList();
    return new Rule(
        Wildcard.compile(tables.schema(), nameCase), table, kinds, sql(name, events.ignoreSql()));
  }

  private static Optional<Pattern> sql(String name, List<String> patterns) {
    if (patterns.isEmpty()) {
      return Optional.empty();
    }
    try {
      String joined = patterns.stream().collect(Collectors.joining("|"));
      return Optional.of(Pattern.compile(joined, Pattern.CASE_INSENSITIVE));
    } catch (PatternSyntaxException e) {
      throw new OperatorException(
          "binlog-filter-rule."
              + name
              + ": ignore-sql is not a regular expression: "
              + e.getDescription());
    }
  }
}
