package org.tidbbinlog.drainer.server;

import java.util.Locale;
import java.util.Set;
import org.tidbbinlog.base.OperatorException;

/** Checks a list of MySQL SQL modes. */
final class SqlModes {
  private static final Set<String> KNOWN =
      Set.of(
          "REAL_AS_FLOAT",
          "PIPES_AS_CONCAT",
          "ANSI_QUOTES",
          "IGNORE_SPACE",
          "NOT_USED",
          "ONLY_FULL_GROUP_BY",
          "NO_UNSIGNED_SUBTRACTION",
          "NO_DIR_IN_CREATE",
          "POSTGRESQL",
          "ORACLE",
          "MSSQL",
          "DB2",
          "MAXDB",
          "NO_KEY_OPTIONS",
          "NO_TABLE_OPTIONS",
          "NO_FIELD_OPTIONS",
          "MYSQL323",
          "MYSQL40",
          "ANSI",
          "NO_AUTO_VALUE_ON_ZERO",
          "NO_BACKSLASH_ESCAPES",
          "STRICT_TRANS_TABLES",
          "STRICT_ALL_TABLES",
          "NO_ZERO_IN_DATE",
          "NO_ZERO_DATE",
          "ALLOW_INVALID_DATES",
          "ERROR_FOR_DIVISION_BY_ZERO",
          "TRADITIONAL",
          "NO_AUTO_CREATE_USER",
          "HIGH_NOT_PRECEDENCE",
          "NO_ENGINE_SUBSTITUTION",
          "PAD_CHAR_TO_FULL_LENGTH",
          "TIME_TRUNCATE_FRACTIONAL");

  private SqlModes() {}

  /** The list itself; "" when none is set. */
  static String requireKnown(String modes) {
    if (modes.isEmpty()) {
      return modes;
    }
    for (String mode : modes.split(",", -1)) {
      if (!KNOWN.contains(mode.strip().toUpperCase(Locale.ROOT))) {
        throw new OperatorException("sql-mode: \"" + mode.strip() + "\" is not an SQL mode");
      }
    }
    return modes;
  }
}
