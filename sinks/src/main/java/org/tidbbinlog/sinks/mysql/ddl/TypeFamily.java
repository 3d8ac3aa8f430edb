package org.tidbbinlog.sinks.mysql.ddl;

import java.util.Locale;

/** Types of which one may stand for another at another server; the rest are different columns. */
enum TypeFamily {
  INTEGER,
  DECIMAL,
  FLOATING,
  TEXT,
  BYTES,
  DATE,
  /** Not known here: fits all. */
  OTHER;

  /**
   * @param word as in a definition or in the information schema
   */
  static TypeFamily of(String word) {
    return switch (word.toLowerCase(Locale.ROOT)) {
      case "tinyint", "smallint", "mediumint", "int", "integer", "bigint", "bool", "boolean" ->
          INTEGER;
      case "decimal", "dec", "numeric", "fixed" -> DECIMAL;
      case "float", "double", "real" -> FLOATING;
      case "char", "varchar", "tinytext", "text", "mediumtext", "longtext", "json", "enum", "set" ->
          TEXT;
      case "binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob" -> BYTES;
      case "date", "datetime", "timestamp", "time" -> DATE;
      default -> OTHER;
    };
  }

  boolean fits(TypeFamily other) {
    return this == other || this == OTHER || other == OTHER;
  }
}
