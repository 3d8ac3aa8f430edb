package org.tidbbinlog.sinks.mysql.target;

import java.util.Locale;
import org.tidbbinlog.drainer.sink.TableVersion;

/** A table's name in lower case, since upstream takes {@code T} and {@code t} for one table. */
public record TableName(String schema, String table) {
  public static TableName of(String schema, String table) {
    return new TableName(schema.toLowerCase(Locale.ROOT), table.toLowerCase(Locale.ROOT));
  }

  public static TableName of(TableVersion version) {
    return of(version.schema(), version.table());
  }

  @Override
  public String toString() {
    return schema + "." + table;
  }
}
