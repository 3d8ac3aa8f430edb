package org.tidbbinlog.tools.differ;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.tidbbinlog.codec.ddl.DdlAction;
import org.tidbbinlog.codec.ddl.DdlJob;
import org.tidbbinlog.codec.mutation.PrewriteValue;
import org.tidbbinlog.testkit.workload.DdlKinds;
import org.tidbbinlog.testkit.workload.WorkloadStep;

/**
 * DDL that commits before transactions that began earlier: those of other tables, and those of its
 * own that a server wrote which knew the schema version just before. Source: mutations section 5.
 */
final class Overtaking {
  private static final int AT_MOST = 3;

  private final RandomGenerator random;
  private final DdlKinds kinds;

  /**
   * @param kinds before {@link DdlKinds#EVERY} only rows of other tables are late: seeds go on
   *     meaning the same
   */
  Overtaking(RandomGenerator random, DdlKinds kinds) {
    this.random = random;
    this.kinds = kinds;
  }

  /** The steps in the order they commit. */
  List<WorkloadStep> of(List<WorkloadStep> steps) {
    List<WorkloadStep> order = new ArrayList<>();
    for (WorkloadStep step : steps) {
      int at = order.size();
      if (step instanceof WorkloadStep.Ddl ddl && ddl.job().isFinished()) {
        int most = random.nextInt(AT_MOST + 1);
        while (order.size() - at < most && at > 0 && mayBeLate(order.get(at - 1), ddl.job())) {
          at--;
        }
      }
      order.add(at, step);
    }
    return order;
  }

  private boolean mayBeLate(WorkloadStep step, DdlJob job) {
    return step instanceof WorkloadStep.Transaction transaction
        && (isApart(transaction, job) || (kinds == DdlKinds.EVERY && isUnhurt(transaction, job)));
  }

  private static boolean isApart(WorkloadStep.Transaction transaction, DdlJob job) {
    if (job.action() == DdlAction.DROP_SCHEMA) {
      return false;
    }
    List<Long> ids = new ArrayList<>(List.of(job.tableId()));
    Optional.ofNullable(job.tableInfo()).ifPresent(table -> ids.add(table.id()));
    job.multipleTables().forEach(table -> ids.add(table.id()));
    return transaction.rows().stream().noneMatch(row -> ids.contains(row.tableId()));
  }

  /** Rows keep their meaning over the DDL, and their server was one version behind at most. */
  private static boolean isUnhurt(WorkloadStep.Transaction transaction, DdlJob job) {
    long rows = PrewriteValue.over(transaction.prewrite().prewriteValue().buffer()).schemaVersion();
    return switch (job.action()) {
      case ADD_COLUMN,
          ADD_COLUMNS,
          RENAME_TABLE,
          RENAME_TABLES,
          SET_DEFAULT_VALUE,
          MODIFY_TABLE_COMMENT,
          MODIFY_TABLE_CHARSET,
          RENAME_INDEX,
          ALTER_INDEX_VISIBILITY,
          REBASE_AUTO_ID,
          DROP_COLUMNS ->
          rows >= job.schemaVersion() - 1;
      // The model makes two versions of its last two states.
      case DROP_COLUMN -> rows >= job.schemaVersion() - 2;
      // Its last state is everywhere before it ends.
      case MULTI_SCHEMA_CHANGE -> rows >= job.schemaVersion();
      default -> false;
    };
  }
}
