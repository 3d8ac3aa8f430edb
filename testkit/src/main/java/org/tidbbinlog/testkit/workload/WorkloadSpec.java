package org.tidbbinlog.testkit.workload;

import java.util.List;
import java.util.random.RandomGenerator;

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
 * @param tables which kinds of them
 */
public record WorkloadSpec(
    int databases,
    int tablesPerDatabase,
    int maxRowsPerStatement,
    int maxStatementsPerTransaction,
    int maxRowsPerTable,
    int ddlPercent,
    int rollbackPercent,
    int uncertainPercent,
    Tables tables) {

  /** The kinds of tables that a load is on. */
  public enum Tables {
    EVERY_KIND,
    /** Each table of a kind that chance chooses. */
    ANY_KIND,
    /** Nothing tells equal rows apart: a change applied twice shows. */
    WITHOUT_KEY,
    /** Keys whose values are few, and written in many ways that compare as equal. */
    NEAR_KEYS;

    /**
     * The kind of a table.
     *
     * @param number of the table in its database
     */
    TableShape shape(int number, RandomGenerator random) {
      List<TableShape> shapes = shapes();
      return shapes.get(this == ANY_KIND ? random.nextInt(shapes.size()) : number % shapes.size());
    }

    List<TableShape> shapes() {
      return switch (this) {
        case EVERY_KIND, ANY_KIND -> TableShape.USUAL;
        case NEAR_KEYS -> List.of(TableShape.NEAR_KEY);
        case WITHOUT_KEY -> List.of(TableShape.NO_KEY, TableShape.RANGE_PARTITIONS);
      };
    }
  }

  /** Two databases of one table of each kind, a little of everything. */
  public static WorkloadSpec usual() {
    return new WorkloadSpec(2, TableShape.USUAL.size(), 5, 4, 400, 3, 5, 0, Tables.EVERY_KIND);
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
        uncertainPercent,
        tables);
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
        percent,
        tables);
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
        uncertainPercent,
        tables);
  }

  public WorkloadSpec withTables(Tables wanted) {
    return new WorkloadSpec(
        databases,
        tablesPerDatabase,
        maxRowsPerStatement,
        maxStatementsPerTransaction,
        maxRowsPerTable,
        ddlPercent,
        rollbackPercent,
        uncertainPercent,
        wanted);
  }
}
