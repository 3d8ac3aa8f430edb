package org.tidbbinlog.drainer.filter;

import java.util.List;

/**
 * The allow stage and then the block stage; block wins. Without any allow rule everything is
 * allowed. Source: drainer section 9.
 */
final class TableFilter {
  private record TablePattern(NamePattern schema, NamePattern table) {
    boolean matches(String schemaName, String tableName) {
      return schema.matchesName(schemaName) && table.matchesName(tableName);
    }
  }

  private final List<NamePattern> doSchemas;
  private final List<TablePattern> doTables;
  private final List<NamePattern> ignoreSchemas;
  private final List<TablePattern> ignoreTables;

  TableFilter(FilterSettings settings) {
    doSchemas = names(settings.doSchemas(), "replicate-do-db");
    doTables = tables(settings.doTables(), "replicate-do-table");
    ignoreSchemas = names(settings.ignoreSchemas(), "ignore-schemas");
    ignoreTables = tables(settings.ignoreTables(), "ignore-table");
  }

  /**
   * @param table "" for a statement about the schema itself
   */
  boolean keeps(String schema, String table) {
    return isAllowed(schema, table) && !isBlocked(schema, table);
  }

  private boolean isAllowed(String schema, String table) {
    return (doSchemas.isEmpty() && doTables.isEmpty())
        || doSchemas.stream().anyMatch(each -> each.matchesName(schema))
        || doTables.stream().anyMatch(each -> each.matches(schema, table));
  }

  private boolean isBlocked(String schema, String table) {
    return ignoreTables.stream().anyMatch(each -> each.matches(schema, table))
        || ignoreSchemas.stream().anyMatch(each -> each.matchesName(schema));
  }

  private static List<NamePattern> names(List<String> texts, String key) {
    return texts.stream().map(text -> NamePattern.parse(text, key)).toList();
  }

  private static List<TablePattern> tables(List<FilterSettings.TableName> names, String key) {
    return names.stream()
        .map(
            name ->
                new TablePattern(
                    NamePattern.parse(name.schema(), key), NamePattern.parse(name.table(), key)))
        .toList();
  }
}
