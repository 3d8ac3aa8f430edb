package org.tidbbinlog.sinks.mysql.target;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tidbbinlog.drainer.sink.TableVersion;
import org.tidbbinlog.sinks.mysql.rows.SqlText;

/** A table's name in lower case, since upstream takes {@code T} and {@code t} for one table. */
public record TableName(String schema, String table) {
  private static final Pattern QUOTED =
      Pattern.compile("`((?:[^`]|``)*)`\\.`((?:[^`]|``)*)`", Pattern.DOTALL);

  public static TableName of(String schema, String table) {
    return new TableName(schema.toLowerCase(Locale.ROOT), table.toLowerCase(Locale.ROOT));
  }

  public static TableName of(TableVersion version) {
    return of(version.schema(), version.table());
  }

  /** {@code `schema`.`table`}, as {@link #ofQuoted} reads it. */
  public String quoted() {
    return SqlText.name(schema, table);
  }

  /** Empty when the text is not two quoted names. */
  public static Optional<TableName> ofQuoted(String text) {
    Matcher names = QUOTED.matcher(text);
    return names.matches()
        ? Optional.of(of(unquoted(names.group(1)), unquoted(names.group(2))))
        : Optional.empty();
  }

  private static String unquoted(String name) {
    return name.replace("``", "`");
  }

  @Override
  public String toString() {
    return schema + "." + table;
  }
}
