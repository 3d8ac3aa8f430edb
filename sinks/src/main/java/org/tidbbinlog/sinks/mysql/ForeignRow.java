package org.tidbbinlog.sinks.mysql;

import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.sinks.mysql.ledger.LedgerTable;
import org.tidbbinlog.sinks.mysql.rows.SqlText;

/**
 * A checkpoint row that names the ledger of another target than ours.
 *
 * @param table quoted, with its schema
 * @param cluster the row's key
 * @param ledger the name in the row, if there is one
 */
record ForeignRow(
    MysqlTargetSettings.Endpoint server, String table, String cluster, String ledger) {

  /**
   * What happened, and the two ways out.
   *
   * @param ours name of the ledger at {@code target}, empty when there is none
   */
  OperatorException refused(MysqlTargetSettings target, String ours, Tso commitTs) {
    return new OperatorException(
        "checkpoint row of cluster "
            + cluster
            + " in "
            + table
            + " at "
            + server
            + " belongs to another target: it names ledger "
            + ledger
            + ", and target "
            + target.endpoint()
            + (ours.isEmpty() ? " has no ledger in " : " has ledger " + ours + " in ")
            + SqlText.name(target.ledgerSchema(), LedgerTable.NAME)
            + "; to go on from it would make one of the two targets lose binlogs. Give this Drainer"
            + " a schema of its own under [syncer.to.checkpoint], and initial-commit-ts. Or, if no"
            + " other Drainer uses the row and this target does hold everything up to commitTS "
            + commitTs
            + " (a copy took the other's place, or the ledger was dropped), run there: "
            + release());
  }

  /**
   * A row without a name, which was stored together with the ledger of the server it is on.
   *
   * @param beside that ledger
   */
  OperatorException refusedBeside(LedgerTable beside, Tso commitTs) {
    return new OperatorException(
        "checkpoint row of cluster "
            + cluster
            + " in "
            + table
            + " at "
            + server
            + " belongs to a Drainer whose target is that server: the ledger there knows its commitTS "
            + commitTs
            + "; to go on from it would make one of the two targets lose binlogs. Give this Drainer"
            + " a schema of its own under [syncer.to.checkpoint], and initial-commit-ts. Or, if no"
            + " other Drainer uses the row and our own target does hold everything up to there,"
            + " run at that server: "
            + beside.forget());
  }

  /** Takes the name out, and only this one; the row may not be in our own spelling. */
  private String release() {
    return "UPDATE "
        + table
        + " SET checkPoint=JSON_REMOVE(checkPoint,'$.ledger') WHERE clusterID="
        + cluster
        + " AND JSON_UNQUOTE(JSON_EXTRACT(checkPoint,'$.ledger'))="
        + SqlText.string(ledger);
  }
}
