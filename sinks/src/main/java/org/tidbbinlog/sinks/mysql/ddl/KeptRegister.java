package org.tidbbinlog.sinks.mysql.ddl;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.sinks.mysql.rows.SqlText;
import org.tidbbinlog.sinks.mysql.target.SqlSession;

/**
 * Which kept table is which, beside the ledger in the target:
 *
 * <pre>
 * drainer_dropped(clusterID, keptName, schemaName, tableName, tableID, commitTs, droppedBy, droppedAt)
 * </pre>
 */
final class KeptRegister {
  private static final String TABLE = "drainer_dropped";

  private final String ledgerSchema;
  private final String register;
  private final String cluster;
  private final String where;

  /** What a table went away with. */
  enum DroppedBy {
    TABLE,
    TRUNCATE,
    DATABASE,
    /** A database, kept long enough: its tables are being dropped for good. */
    EXPIRED
  }

  /** A table that lies aside as {@code name}, and where it was. */
  record Kept(String name, String schema, String table) {}

  KeptRegister(String ledgerSchema, long clusterId) {
    this.ledgerSchema = ledgerSchema;
    this.register = SqlText.name(ledgerSchema, TABLE);
    this.cluster = Long.toUnsignedString(clusterId);
    this.where = " where clusterID=" + cluster;
  }

  /** What makes it; nothing happens where it is. */
  List<String> ddl() {
    return List.of(
        "create database if not exists " + SqlText.name(ledgerSchema),
        "create table if not exists "
            + register
            + " (clusterID bigint unsigned not null, keptName varchar(64) not null,"
            + " schemaName varchar(64) not null, tableName varchar(64) not null,"
            + " tableID bigint not null, commitTs bigint unsigned not null,"
            + " droppedBy varchar(16) not null,"
            + " droppedAt timestamp not null default current_timestamp,"
            + " primary key (clusterID, keptName))");
  }

  /** The name it is kept by: the one of an earlier life, or a new one. */
  String reserve(SqlSession session, String schema, String table, SinkItem.Ddl item, DroppedBy by)
      throws SQLException {
    Tso commitTs = item.commitTs();
    List<Kept> earlier =
        find(
            session,
            "commitTs="
                + commitTs
                + " and schemaName="
                + SqlText.string(schema)
                + " and tableName="
                + SqlText.string(table));
    if (!earlier.isEmpty()) {
      return earlier.get(0).name;
    }
    String kept =
        "k_" + cluster + "_" + commitTs + "_" + find(session, "commitTs=" + commitTs).size();
    session.execute(
        "insert into "
            + register
            + " (clusterID, keptName, schemaName, tableName, tableID, commitTs, droppedBy) values ("
            + cluster
            + ","
            + SqlText.string(kept)
            + ","
            + SqlText.string(schema)
            + ","
            + SqlText.string(table)
            + ","
            + (by == DroppedBy.DATABASE ? 0 : item.job().tableId())
            + ","
            + commitTs
            + ",'"
            + by
            + "')");
    return kept;
  }

  void release(SqlSession session, String kept) throws SQLException {
    session.execute("delete from " + register + where + " and keptName=" + SqlText.string(kept));
  }

  List<Kept> named(SqlSession session, String kept) throws SQLException {
    return find(session, "keptName=" + SqlText.string(kept));
  }

  /** Newest first. */
  List<Kept> ofTable(SqlSession session, long tableId) throws SQLException {
    return find(session, "tableID=" + tableId);
  }

  /** What was in it when it was dropped last; kept anew, whatever interrupts who wants it. */
  List<Kept> ofDatabase(SqlSession session, String schema) throws SQLException {
    String ofIt =
        " and droppedBy='DATABASE' and lower(schemaName)="
            + SqlText.string(schema.toLowerCase(Locale.ROOT));
    String newest =
        session.query("select max(commitTs) from " + register + where + ofIt).get(0).get(0);
    if (newest.isEmpty()) {
      return List.of();
    }
    String wanted = ofIt + " and commitTs=" + newest;
    session.execute("update " + register + " set droppedAt=now()" + where + wanted);
    return find(session, wanted.substring(" and ".length()));
  }

  /** What has been kept long enough; the tables of a database together, after the last. */
  List<Kept> due(SqlSession session, Duration keep) throws SQLException {
    String old = "droppedAt < now() - interval " + keep.toSeconds() + " second";
    expireDatabases(session, old);
    return find(
        session, "(droppedBy='EXPIRED' or droppedBy in ('TABLE','TRUNCATE') and " + old + ")");
  }

  /** In one step each: FLASHBACK finds all of a database, or nothing. */
  private void expireDatabases(SqlSession session, String old) throws SQLException {
    List<List<String>> due =
        session.query(
            "select commitTs, schemaName from "
                + register
                + where
                + " and droppedBy='DATABASE' group by commitTs, schemaName having min("
                + old
                + ")");
    for (List<String> drop : due) {
      session.execute(
          "update "
              + register
              + " set droppedBy='EXPIRED'"
              + where
              + " and droppedBy='DATABASE' and commitTs="
              + drop.get(0)
              + " and schemaName="
              + SqlText.string(drop.get(1))
              + " and "
              + old);
    }
  }

  private List<Kept> find(SqlSession session, String condition) throws SQLException {
    return session
        .query(
            "select keptName, schemaName, tableName from "
                + register
                + where
                + " and "
                + condition
                + " order by commitTs desc, keptName")
        .stream()
        .map(row -> new Kept(row.get(0), row.get(1), row.get(2)))
        .toList();
  }
}
