package org.tidbbinlog.testkit.workload;

import java.util.List;
import java.util.random.RandomGenerator;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.binlog.Binlog;

/** Makes up transactions over the tables of a model. */
final class TransactionMaker {
  private static final int LARGE_PERCENT = 1;
  private static final int LARGE_FACTOR = 10;
  private static final int ATTEMPTS = 100;

  private final RandomGenerator random;
  private final WorkloadSpec spec;
  private final SchemaModel schema;

  TransactionMaker(RandomGenerator random, WorkloadSpec spec, SchemaModel schema) {
    this.random = random;
    this.spec = spec;
    this.schema = schema;
  }

  /** Over any of the tables. */
  WorkloadStep.Transaction make(Tso startTs, List<ModelTable> tables) {
    Outcome outcome = outcome();
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      RowStatements statements = new RowStatements(random, schema.version());
      int count = 1 + random.nextInt(spec.maxStatementsPerTransaction());
      for (int i = 0; i < count; i++) {
        statement(statements, tables.get(random.nextInt(tables.size())));
      }
      if (!statements.isEmpty()) {
        if (!outcome.isCommitted()) {
          statements.undo();
        }
        return new WorkloadStep.Transaction(
            Binlog.prewrite(startTs, statements.primaryKey(), statements.prewriteValue()),
            outcome,
            statements.touched(),
            statements.rows());
      }
    }
    throw new IllegalStateException("no transaction found that changes a row");
  }

  private Outcome outcome() {
    int percent = random.nextInt(100);
    if (percent < spec.rollbackPercent()) {
      return Outcome.ROLLBACK;
    }
    if (percent < spec.rollbackPercent() + spec.uncertainPercent()) {
      return switch (random.nextInt(3)) {
        case 0 -> Outcome.COMMIT_UNHEARD;
        case 1 -> Outcome.COMMIT_HEARD_AS_ROLLBACK;
        default -> Outcome.ROLLBACK_UNHEARD;
      };
    }
    return Outcome.COMMIT;
  }

  private void statement(RowStatements statements, ModelTable table) {
    int rows = 1 + random.nextInt(spec.maxRowsPerStatement());
    if (random.nextInt(100) < LARGE_PERCENT) {
      rows *= LARGE_FACTOR;
    }
    boolean full = table.size() > spec.maxRowsPerTable();
    int kind = random.nextInt(100);
    for (int i = 0; i < rows; i++) {
      if (kind < (full ? 10 : 35)) {
        statements.insert(table);
      } else if (kind < (full ? 40 : 45)) {
        statements.delete(table);
      } else if (kind < 70) {
        statements.update(table);
      } else if (kind < 80) {
        statements.updateKey(table);
      } else if (kind < 87) {
        statements.replace(table);
      } else if (kind < 92) {
        statements.rotateUnique(table);
      } else if (kind < 96) {
        statements.insertAndDelete(table);
      } else {
        statements.insertCopy(table);
      }
    }
  }
}
