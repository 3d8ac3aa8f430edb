package org.tidbbinlog.drainer.filter;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What the configuration says about filtering. Source: drainer section 2.1.
 *
 * @param doSchemas {@code replicate-do-db}
 * @param doTables {@code replicate-do-table}
 * @param ignoreSchemas {@code ignore-schemas}, split
 * @param ignoreTables {@code ignore-table}
 * @param migrateRules {@code table-migrate-rule}
 * @param eventRules {@code binlog-filter-rule} by name
 * @param nameCase {@code case-sensitive}, for the migrate rules only
 */
public record FilterSettings(
    List<String> doSchemas,
    List<TableName> doTables,
    List<String> ignoreSchemas,
    List<TableName> ignoreTables,
    List<MigrateRule> migrateRules,
    Map<String, EventRule> eventRules,
    NameCase nameCase) {
  public static final List<String> DEFAULT_IGNORED =
      List.of("INFORMATION_SCHEMA", "PERFORMANCE_SCHEMA", "mysql");

  public static final FilterSettings DEFAULT =
      new FilterSettings(
          List.of(), List.of(), DEFAULT_IGNORED, List.of(), List.of(), Map.of(), NameCase.IGNORED);

  public FilterSettings {
    doSchemas = List.copyOf(doSchemas);
    doTables = List.copyOf(doTables);
    ignoreSchemas = List.copyOf(ignoreSchemas);
    ignoreTables = List.copyOf(ignoreTables);
    migrateRules = List.copyOf(migrateRules);
    eventRules = Map.copyOf(eventRules);
  }

  /** The same, but for one more schema that is not replicated. */
  public FilterSettings withIgnoredSchema(String name) {
    List<String> ignored = new ArrayList<>(ignoreSchemas);
    ignored.add(name);
    return new FilterSettings(
        doSchemas, doTables, ignored, ignoreTables, migrateRules, eventRules, nameCase);
  }

  /** A schema and a table, each a name or {@code ~regex}. */
  public record TableName(String schema, String table) {}

  /** Whether the case of names counts in migrate rules. */
  public enum NameCase {
    IGNORED,
    COUNTS
  }

  /**
   * Applies named event rules to the tables of a pattern, and gives them another name at the
   * target.
   *
   * @param schema wildcard pattern
   * @param table wildcard pattern, "" for the schema as a whole
   * @param target new names; an empty one stays as it is upstream
   */
  public record MigrateRule(
      String schema, String table, List<String> eventRules, TableName target) {
    /** The target of rules that rename nothing. */
    public static final TableName SAME_NAMES = new TableName("", "");

    public MigrateRule {
      eventRules = List.copyOf(eventRules);
    }

    public MigrateRule(String schema, String table, List<String> eventRules) {
      this(schema, table, eventRules, SAME_NAMES);
    }
  }

  /** Events and statements to leave out. */
  public record EventRule(List<String> ignoreEvents, List<String> ignoreSql) {
    public EventRule {
      ignoreEvents = List.copyOf(ignoreEvents);
      ignoreSql = List.copyOf(ignoreSql);
    }
  }
}
