package org.tidbbinlog.drainer.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.tidbbinlog.codec.ddl.DdlJob;
import org.tidbbinlog.codec.schema.TableInfo;
import org.tidbbinlog.codec.schema.TableInfoJson;

/**
 * Tables that came back with a database, as the job's arguments list them: {@code
 * raw_args[0].RecoverTabsInfo[].TableInfo}. Source: ddl-meta section 5.
 */
final class RecoveredTables {
  private RecoveredTables() {}

  /** Empty when the arguments are gone from the history. */
  static List<TableInfo> of(DdlJob job) {
    List<TableInfo> tables = new ArrayList<>();
    for (JsonNode each : job.rawArgs().path(0).path("RecoverTabsInfo")) {
      JsonNode table = each.path("TableInfo");
      if (table.isObject()) {
        tables.add(TableInfoJson.parse(table));
      }
    }
    return tables;
  }
}
