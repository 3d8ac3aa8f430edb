package org.tidbbinlog.sinks.mysql.ddl;

import com.fasterxml.jackson.databind.JsonNode;
import java.sql.SQLException;
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
import org.tidbbinlog.sinks.mysql.target.SqlSession;

/**
 * What "now" means in a DDL: a column added with {@code DEFAULT CURRENT_TIMESTAMP} gives old rows
 * the time upstream gave them. The text of a DATETIME's origin default is of the session's zone,
 * that of a TIMESTAMP's of UTC.
 */
final class DdlTime {
  private DdlTime() {}

  /**
   * @param session that is in the zone
   */
  static void set(SqlSession session, DdlZone zone, SinkItem.Ddl item) throws SQLException {
    Optional<ColumnInfo> column = newest(item.job().tableInfo());
    Optional<LocalDateTime> told = column.flatMap(added -> parsed(text(added.originDefault())));
    Instant at = item.commitTs().instant();
    if (told.isPresent()) {
      boolean inUtc = column.get().type().tp() == MysqlType.TIMESTAMP;
      at = inUtc ? told.get().toInstant(ZoneOffset.UTC) : zone.instant(session, told.get());
    }
    session.execute(
        String.format(
            Locale.ROOT,
            "set session timestamp=%d.%06d",
            at.getEpochSecond(),
            at.getNano() / 1000));
  }

  /** The column just added, of those that begin with the time. */
  private static Optional<ColumnInfo> newest(@org.jspecify.annotations.Nullable TableInfo table) {
    return table == null
        ? Optional.empty()
        : table.columns().stream()
            .filter(column -> text(column.defaultValue()).startsWith("CURRENT_TIMESTAMP"))
            .max(java.util.Comparator.comparingLong(ColumnInfo::id));
  }

  private static String text(@org.jspecify.annotations.Nullable JsonNode node) {
    return node == null ? "" : node.asText("").toUpperCase(Locale.ROOT);
  }

  private static Optional<LocalDateTime> parsed(String text) {
    try {
      return Optional.of(LocalDateTime.parse(text.replace(' ', 'T')));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }
}
