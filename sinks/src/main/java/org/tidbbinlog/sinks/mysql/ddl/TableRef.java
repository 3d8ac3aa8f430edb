package org.tidbbinlog.sinks.mysql.ddl;

/**
 * A table named in a statement.
 *
 * @param schema empty when the name is not qualified
 * @param existence whether the table must be there before the statement
 * @param start offset of the first character of the table's own name
 * @param end offset behind it
 */
record TableRef(String schema, String table, Existence existence, int start, int end) {
  /** What the statement expects. */
  enum Existence {
    EXISTS,
    NEW
  }

  String schemaOr(String fallback) {
    return schema.isEmpty() ? fallback : schema;
  }
}
