package org.tidbbinlog.sinks.mysql.ddl;

import java.util.List;
import java.util.Optional;
import org.tidbbinlog.codec.ddl.DdlAction;
import org.tidbbinlog.codec.ddl.DdlJob;
import org.tidbbinlog.codec.schema.TableInfo;

/**
 * What the tables are like that the statements of a DDL make or change. A job that makes several
 * tables tells of each by upstream's name, and the statements for the target may have other names:
 * then upstream's own text has the name, in a statement at the same place, and without one their
 * order tells.
 *
 * @param statements how many the target's text has
 * @param names that upstream has, statement by statement; empty when they are not told
 */
record JobTables(DdlJob job, int statements, List<String> names) {
  JobTables {
    names = List.copyOf(names);
  }

  /**
   * @param upstream heads of upstream's text
   */
  static JobTables of(DdlJob job, int statements, List<DdlHead> upstream) {
    return new JobTables(
        job,
        statements,
        upstream.size() == statements
            ? upstream.stream().map(JobTables::name).toList()
            : List.of());
  }

  /** Empty when nothing tells. */
  Optional<TableInfo> table(int statement, DdlHead head) {
    if (job.action() != DdlAction.CREATE_TABLES) {
      return Optional.ofNullable(job.tableInfo());
    }
    List<TableInfo> made = job.multipleTables();
    String name = names.isEmpty() ? name(head) : names.get(statement);
    boolean byOrder = names.isEmpty() && made.size() == statements;
    return made.stream()
        .filter(info -> info.name().original().equalsIgnoreCase(name))
        .findFirst()
        .or(() -> byOrder ? Optional.of(made.get(statement)) : Optional.empty())
        .or(() -> Optional.ofNullable(job.tableInfo()));
  }

  private static String name(DdlHead head) {
    return head.tables().isEmpty() ? "" : head.tables().get(0).table();
  }
}
