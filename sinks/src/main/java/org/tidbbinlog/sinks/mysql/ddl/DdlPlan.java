package org.tidbbinlog.sinks.mysql.ddl;

import java.util.List;

/**
 * One statement for the target.
 *
 * @param sql empty when nothing of it is left
 * @param skipped what was left out because the target does not know it
 */
record DdlPlan(String sql, DdlHead head, List<String> skipped) {
  DdlPlan {
    skipped = List.copyOf(skipped);
  }

  boolean isNothing() {
    return sql.isEmpty();
  }
}
