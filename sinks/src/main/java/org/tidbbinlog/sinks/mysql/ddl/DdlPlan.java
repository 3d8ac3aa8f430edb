package org.tidbbinlog.sinks.mysql.ddl;

import java.util.List;

/**
 * One statement for the target.
 *
 * @param sql empty when nothing of it is left
 * @param skipped what was left out because the target does not know it
 * @param zone what its times of day are times of
 */
record DdlPlan(String sql, DdlHead head, List<String> skipped, Author author, DdlZone zone) {
  DdlPlan {
    skipped = List.copyOf(skipped);
  }

  DdlPlan(String sql, DdlHead head, List<String> skipped) {
    this(sql, head, skipped, Author.UPSTREAM, DdlZone.UTC);
  }

  /** Who wrote it. */
  enum Author {
    UPSTREAM,
    /** A person, for this target, in place of what was refused. */
    OPERATOR
  }

  boolean isNothing() {
    return sql.isEmpty();
  }
}
