package org.tidbbinlog.tools.compare;

import java.util.Locale;
import java.util.Optional;

/**
 * What a target says in other words though it means the same, and nothing else: the only place
 * where a structure that differs in text counts as equal.
 *
 * <ul>
 *   <li>Display widths of integers and years: MariaDB and TiDB print them, MySQL 8.0.19 does not.
 *   <li>JSON: MariaDB keeps it as LONGTEXT with a check, which tells it from a text.
 *   <li>Defaults: MariaDB prints an expression ({@code 'later'}, {@code NULL}), the others the
 *       value. That a nullable column has no default at all, after DROP DEFAULT, is not told from
 *       DEFAULT NULL: TiDB's own description does not either.
 *   <li>The collation of JSON and of bytes, which nobody chooses.
 * </ul>
 *
 * What a target cannot have is not made by the differential machine's loads, or is gone when they
 * end: invisible indexes and indexes over expressions (MariaDB), sequences (MySQL), constraints
 * (TiDB before 7.2), TTL, placement, AUTO_RANDOM and the like (all but TiDB). Views of a recovered
 * database do not come back (decision 0055), in the model neither.
 */
final class TargetWords {
  private final boolean mariaDb;

  TargetWords(String version) {
    this.mariaDb = version.contains("MariaDB");
  }

  /**
   * @param columnType as {@code information_schema} has it
   */
  String type(String columnType, boolean json) {
    if (json) {
      return "json";
    }
    String type = columnType;
    if (!type.startsWith("enum(") && !type.startsWith("set(")) {
      type = type.toLowerCase(Locale.ROOT);
    }
    return type.replaceFirst("^(tinyint|smallint|mediumint|int|bigint|year)\\(\\d+\\)", "$1")
        .replaceFirst("^year unsigned.*|^year zerofill.*", "year");
  }

  Optional<String> collation(Optional<String> collation, boolean json) {
    return json ? Optional.empty() : collation.filter(name -> !name.equals("binary"));
  }

  Optional<String> defaultText(Optional<String> columnDefault) {
    if (!mariaDb) {
      return columnDefault;
    }
    return columnDefault
        .filter(text -> !text.equals("NULL"))
        .map(
            text ->
                text.length() > 1 && text.startsWith("'") && text.endsWith("'")
                    ? text.substring(1, text.length() - 1).replace("''", "'").replace("\\'", "'")
                    : text);
  }
}
