package org.tidbbinlog.testkit.workload;

/** Names and strings as TiDB prints them. */
final class Sql {
  private Sql() {}

  static String name(String name) {
    return "`" + name.replace("`", "``") + "`";
  }

  static String name(String schema, String table) {
    return name(schema) + "." + name(table);
  }

  static String string(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'";
  }
}
