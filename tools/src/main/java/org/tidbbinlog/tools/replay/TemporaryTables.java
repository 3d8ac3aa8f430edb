package org.tidbbinlog.tools.replay;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.tidbbinlog.codec.key.MetaKey;
import org.tidbbinlog.codec.schema.DbInfo;
import org.tidbbinlog.codec.schema.DbInfoJson;
import org.tidbbinlog.codec.schema.TableInfo;
import org.tidbbinlog.codec.schema.TableInfoJson;
import org.tidbbinlog.testkit.capture.MetaPair;

/**
 * The global temporary tables of a capture. Their rows belong to sessions and never reach a binlog,
 * and targets without such tables leave them out.
 */
final class TemporaryTables {
  private TemporaryTables() {}

  /** {@code db.table} in lower case. */
  static Set<String> of(List<MetaPair> meta) {
    Map<String, String> databases = new HashMap<>();
    for (MetaPair pair : meta) {
      MetaKey key = MetaKey.decode(ByteBuffer.wrap(pair.key()));
      if (key.name().equals("DBs") && key.field().isPresent() && isNamed(key, "DB:")) {
        DbInfo database = DbInfoJson.parse(pair.value());
        databases.put("DB:" + database.id(), database.name().original());
      }
    }
    Set<String> found = new TreeSet<>();
    for (MetaPair pair : meta) {
      MetaKey key = MetaKey.decode(ByteBuffer.wrap(pair.key()));
      if (databases.containsKey(key.name()) && key.isTable()) {
        TableInfo table = TableInfoJson.parse(pair.value());
        if (table.temporary() == TableInfo.Temporary.GLOBAL) {
          String name = databases.get(key.name()) + "." + table.name().original();
          found.add(name.toLowerCase(Locale.ROOT));
        }
      }
    }
    return found;
  }

  private static boolean isNamed(MetaKey key, String prefix) {
    return key.fieldText().startsWith(prefix);
  }
}
