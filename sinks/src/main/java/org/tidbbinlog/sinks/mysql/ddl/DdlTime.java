package org.tidbbinlog.sinks.mysql.ddl;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Optional;
import org.tidbbinlog.codec.schema.ColumnInfo;
import org.tidbbinlog.codec.schema.MysqlType;
import org.tidbbinlog.codec.schema.TableInfo;
import org.tidbbinlog.drainer.sink.SinkItem;

/**
 * What "now" means in a DDL: a column added with {@code DEFAULT CURRENT_TIMESTAMP} gives old rows
 * the time upstream gave them.
 */
final class DdlTime {
  private DdlTime() {}

  /**
   * @param offset of the session: what a DATETIME's text is relative to
   */
  static String setTimestamp(SinkItem.Ddl item, ZoneOffset offset) {
    Instant at = originDefault(item.job().tableInfo(), offset).orElse(item.commitTs().instant());
    return String.format(
        Locale.ROOT, "set session timestamp=%d.%06d", at.getEpochSecond(), at.getNano() / 1000);
  }

  private static Optional<Instant> originDefault(
      @org.jspecify.annotations.Nullable TableInfo table, ZoneOffset offset) {
    if (table == null) {
      return Optional.empty();
    }
    // The newest such column: the one just added.
    return table.columns().stream()
        .filter(column -> text(column.defaultValue()).startsWith("CURRENT_TIMESTAMP"))
        .max(java.util.Comparator.comparingLong(ColumnInfo::id))
        .flatMap(
            column ->
                parsed(
                    text(column.originDefault()),
                    column.type().tp() == MysqlType.TIMESTAMP ? ZoneOffset.UTC : offset));
  }

  private static String text(@org.jspecify.annotations.Nullable JsonNode node) {
    return node == null ? "" : node.asText("").toUpperCase(Locale.ROOT);
  }

  private static Optional<Instant> parsed(String text, ZoneOffset offset) {
    try {
      return Optional.of(LocalDateTime.parse(text.replace(' ', 'T')).toInstant(offset));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }
}
