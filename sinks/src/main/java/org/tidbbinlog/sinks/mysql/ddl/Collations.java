package org.tidbbinlog.sinks.mysql.ddl;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.tidbbinlog.codec.ddl.DdlJob;
import org.tidbbinlog.codec.schema.ColumnInfo;
import org.tidbbinlog.codec.schema.DbInfo;
import org.tidbbinlog.codec.schema.TableInfo;

/**
 * Which collation upstream means where a statement names none: TiDB's defaults differ from those of
 * other servers, and with them what a unique key takes for equal.
 */
record Collations(Optional<TableInfo> table, Optional<DbInfo> database) {
  private static final Map<String, String> DEFAULTS =
      Map.of(
          "utf8mb4", "utf8mb4_bin",
          "utf8", "utf8_bin",
          "utf8mb3", "utf8_bin",
          "latin1", "latin1_bin",
          "ascii", "ascii_bin",
          "gbk", "gbk_chinese_ci");

  static Collations of(DdlJob job) {
    return of(job, Optional.ofNullable(job.tableInfo()));
  }

  /** Of one statement, which is about a table. */
  static Collations of(DdlJob job, Optional<TableInfo> table) {
    return new Collations(table, Optional.ofNullable(job.dbInfo()));
  }

  /** Empty when the character set has one collation only, or is not known. */
  String forCharset(String charset) {
    String lower = charset.toLowerCase(Locale.ROOT);
    for (TableInfo info : table.stream().toList()) {
      if (info.charset().equalsIgnoreCase(lower) && !info.collate().isEmpty()) {
        return info.collate();
      }
      List<ColumnInfo> columns = info.columns();
      for (ColumnInfo column : columns) {
        if (column.type().charset().equalsIgnoreCase(lower) && !column.type().collate().isEmpty()) {
          return column.type().collate();
        }
      }
    }
    if (database.isPresent()
        && database.get().charset().equalsIgnoreCase(lower)
        && !database.get().collate().isEmpty()) {
      return database.get().collate();
    }
    return DEFAULTS.getOrDefault(lower, "");
  }

  /** {@code DEFAULT CHARACTER SET x COLLATE y} of the new table, empty when not known. */
  String forNewTable() {
    return table
        .filter(info -> !info.charset().isEmpty() && !info.collate().isEmpty())
        .map(info -> clause(info.charset(), info.collate()))
        .orElse("");
  }

  String forNewDatabase() {
    return database
        .filter(info -> !info.charset().isEmpty() && !info.collate().isEmpty())
        .map(info -> clause(info.charset(), info.collate()))
        .orElse(clause("utf8mb4", "utf8mb4_bin"));
  }

  private static String clause(String charset, String collate) {
    return " DEFAULT CHARACTER SET " + charset + " COLLATE " + collate + " ";
  }
}
