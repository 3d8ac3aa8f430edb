package org.tidbbinlog.drainer.schema;

import java.util.List;
import org.tidbbinlog.codec.ddl.DdlJob;
import org.tidbbinlog.codec.schema.TableInfo;

/** Tables that came back with a database, as the job's arguments list them. */
final class RecoveredTables {
  private RecoveredTables() {}

  static List<TableInfo> of(DdlJob job) {
    return List.of();
  }
}
