package org.tidbbinlog.sinks.mysql.ledger;

import java.sql.SQLException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.sinks.mysql.rows.SqlText;
import org.tidbbinlog.sinks.mysql.target.SqlSession;

/**
 * The ledger's table and statements. Slot 0 is the control row: {@code owner} is the fencing
 * number, {@code lowWatermark} the saved checkpoint, {@code seq} and {@code maxTs} state and commit
 * timestamp of the newest DDL, {@code applied} its statement and footprint ({@link DdlMark}). The
 * other slots say which rows above the low watermark are in the target. Slot -1 is there only when
 * the checkpoint is kept on another server: {@code applied} is the ledger's name, {@code
 * lowWatermark} the checkpoint that was about to be stored there ({@link CheckpointTwin}). Slot -2
 * is there only after a takeover: up to its {@code lowWatermark} somebody who kept no ledger may
 * have applied rows.
 *
 * <p>A slot is changed by compare and swap: the assignment of {@code guard} fails with "must not be
 * null" when owner or sequence number are not the expected ones, which undoes the whole target
 * transaction.
 */
public final class LedgerTable {
  /** Beside the original's checkpoint table, which it does not disturb. */
  public static final String NAME = "drainer_ledger";

  private static final int TWIN = -1;
  private static final int OVERLAP = -2;

  /** The column that speaks when a compare and swap fails. */
  static final String GUARD = "ledger_guard";

  private final String quotedName;
  private final String cluster;
  private final long clusterId;

  public LedgerTable(String schema, long clusterId) {
    this.quotedName = SqlText.name(schema, NAME);
    this.cluster = Long.toUnsignedString(clusterId);
    this.clusterId = clusterId;
  }

  long clusterId() {
    return clusterId;
  }

  static String createTable(String schema) {
    return "create table if not exists "
        + SqlText.name(schema, NAME)
        + " (clusterID bigint unsigned not null, slot int not null, owner bigint not null,"
        + " seq bigint not null, "
        + GUARD
        + " tinyint not null, lowWatermark bigint unsigned not null,"
        + " maxTs bigint unsigned not null, applied mediumblob not null,"
        + " primary key (clusterID, slot)) engine=InnoDB";
  }

  record Row(int slot, long owner, long seq, Tso lowWatermark, Tso maxTs, byte[] applied) {}

  List<Row> readAll(SqlSession session, String suffix) throws SQLException {
    return session
        .query(
            "select slot, owner, seq, lowWatermark, maxTs, hex(applied) from "
                + quotedName
                + where()
                + " and slot>=0 order by slot "
                + suffix)
        .stream()
        .map(
            row ->
                new Row(
                    Integer.parseInt(row.get(0)),
                    Long.parseLong(row.get(1)),
                    Long.parseLong(row.get(2)),
                    new Tso(Long.parseUnsignedLong(row.get(3))),
                    new Tso(Long.parseUnsignedLong(row.get(4))),
                    HexFormat.of().parseHex(row.get(5))))
        .toList();
  }

  private String where() {
    return " where clusterID=" + cluster;
  }

  String insertControl(long owner, Tso checkpoint) {
    return "insert into "
        + quotedName
        + " values ("
        + cluster
        + ",0,"
        + owner
        + ",0,1,"
        + checkpoint
        + ",0,'')";
  }

  String takeOver(long owner) {
    return "update " + quotedName + " set owner=" + owner + where() + " and slot>=0";
  }

  String wipe(long owner) {
    return "update "
        + quotedName
        + " set owner="
        + owner
        + ", seq=if(slot=0,0,seq+1), lowWatermark=0, maxTs=0, applied=''"
        + where()
        + " and slot>=0";
  }

  /** The statement that records a saved checkpoint, for the checkpoint's own transaction. */
  public String saveCheckpoint(Tso commitTs) {
    return "update " + quotedName + " set lowWatermark=" + commitTs + where() + " and slot=0";
  }

  /** The ledger's name, made by the target, where there is none yet. */
  String insertTwin() {
    return "insert ignore into "
        + quotedName
        + " values ("
        + cluster
        + ","
        + TWIN
        + ",0,0,1,0,0,replace(uuid(),'-',''))";
  }

  /**
   * A checkpoint on another server.
   *
   * @param id the ledger's name
   * @param next what was about to be stored there, the last time
   */
  record Twin(String id, Tso next) {}

  Optional<Twin> readTwin(SqlSession session) throws SQLException {
    return session
        .query(
            "select convert(applied using utf8mb4), lowWatermark from "
                + quotedName
                + where()
                + " and slot="
                + TWIN)
        .stream()
        .map(row -> new Twin(row.get(0), new Tso(Long.parseUnsignedLong(row.get(1)))))
        .findFirst();
  }

  /**
   * Which ledger this is.
   *
   * @param name empty when no checkpoint was ever kept on another server
   * @param checkpoint the newest that was stored with it; zero when there is none
   */
  public record Identity(String name, Tso checkpoint) {
    public static final Identity NONE = new Identity("", Tso.ZERO);
  }

  public Identity identity(SqlSession session) throws SQLException {
    List<List<String>> control =
        session.query("select lowWatermark from " + quotedName + where() + " and slot=0");
    return new Identity(
        readTwin(session).map(Twin::id).orElse(""),
        control.isEmpty() ? Tso.ZERO : new Tso(Long.parseUnsignedLong(control.get(0).get(0))));
  }

  /** Run by a person who knows that no Drainer uses it any more. */
  public String forget() {
    return "DELETE FROM " + quotedName + where();
  }

  String aboutToSave(Tso stored, Tso next) {
    return "update "
        + quotedName
        + " set lowWatermark=if(slot=0,"
        + stored
        + ","
        + next
        + ")"
        + where()
        + " and slot in (0,"
        + TWIN
        + ")";
  }

  String saveOverlap(Tso upTo) {
    return "replace into "
        + quotedName
        + " values ("
        + cluster
        + ","
        + OVERLAP
        + ",0,0,1,"
        + upTo
        + ",0,'')";
  }

  /** What the newest takeover saved; zero when there was none. */
  Tso readOverlap(SqlSession session) throws SQLException {
    return session
        .query("select lowWatermark from " + quotedName + where() + " and slot=" + OVERLAP)
        .stream()
        .map(row -> new Tso(Long.parseUnsignedLong(row.get(0))))
        .findFirst()
        .orElse(Tso.ZERO);
  }

  /** Makes an empty slot unless somebody else owns the ledger by now. */
  String insertSlot(int slot, long owner) {
    return "insert into "
        + quotedName
        + " select clusterID,"
        + slot
        + ",owner,0,1,0,0,'' from "
        + quotedName
        + where()
        + " and slot=0 and owner="
        + owner
        + " for update";
  }

  String swap(int slot, long owner, long seq, Tso lowWatermark, Tso maxTs, byte[] applied) {
    StringBuilder sql = new StringBuilder(160 + 2 * applied.length);
    sql.append("update ").append(quotedName).append(" set ").append(GUARD);
    sql.append("=if(owner=").append(owner).append(" and seq=").append(seq).append(",1,null), seq=");
    sql.append(seq + 1).append(", lowWatermark=").append(lowWatermark);
    sql.append(", maxTs=").append(maxTs).append(", applied=");
    SqlText.appendBytes(sql, applied);
    return sql.append(where()).append(" and slot=").append(slot).toString();
  }

  /** Changes no row when somebody else owns the ledger: DDL sessions are not strict. */
  String markDdl(long owner, DdlMark mark) {
    return "update "
        + quotedName
        + " set seq="
        + mark.state().ordinal()
        + ", maxTs="
        + mark.commitTs()
        + ", applied="
        + SqlText.string(mark.text())
        + where()
        + " and slot=0 and owner="
        + owner;
  }

  /** Owner and sequence number of a slot; empty when it is gone. */
  List<List<String>> ownerAndSeq(SqlSession session, int slot) throws SQLException {
    return session.query("select owner, seq from " + quotedName + where() + " and slot=" + slot);
  }
}
