package org.tidbbinlog.testkit.workload;

/**
 * How big and how rough a {@link Workload} is.
 *
 * @param databases at the start
 * @param tablesPerDatabase at the start
 * @param maxRowsPerStatement of a usual statement; one of a hundred is ten times that
 * @param maxStatementsPerTransaction of a usual transaction
 * @param maxRowsPerTable above it deletes get more likely than inserts
 * @param ddlPercent of the steps
 * @param rollbackPercent of the transactions
 * @param uncertainPercent of the transactions whose second record tells nothing or the wrong thing
 */
public record WorkloadSpec(
    int databases,
    int tablesPerDatabase,
    int maxRowsPerStatement,
    int maxStatementsPerTransaction,
    int maxRowsPerTable,
    int ddlPercent,
    int rollbackPercent,
    int uncertainPercent) {

  /** Two databases of one table of each kind, a little of everything. */
  public static WorkloadSpec usual() {
    return new WorkloadSpec(2, TableShape.values().length, 5, 4, 400, 3, 5, 0);
  }

  /** The same without DDL after the start. */
  public WorkloadSpec withoutDdl() {
    return withDdlPercent(0);
  }

  public WorkloadSpec withDdlPercent(int percent) {
    return new WorkloadSpec(
        databases,
        tablesPerDatabase,
        maxRowsPerStatement,
        maxStatementsPerTransaction,
        maxRowsPerTable,
        percent,
        rollbackPercent,
        uncertainPercent);
  }

  public WorkloadSpec withUncertainPercent(int percent) {
    return new WorkloadSpec(
        databases,
        tablesPerDatabase,
        maxRowsPerStatement,
        maxStatementsPerTransaction,
        maxRowsPerTable,
        ddlPercent,
        rollbackPercent,
        percent);
  }

  public WorkloadSpec withTables(int wantedDatabases, int wantedTablesPerDatabase) {
    return new WorkloadSpec(
        wantedDatabases,
        wantedTablesPerDatabase,
        maxRowsPerStatement,
        maxStatementsPerTransaction,
        maxRowsPerTable,
        ddlPercent,
        rollbackPercent,
        uncertainPercent);
  }
}
