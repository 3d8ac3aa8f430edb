package org.tidbbinlog.sinks.mysql.ddl;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.sinks.mysql.rows.SqlText;
import org.tidbbinlog.sinks.mysql.target.SqlSession;

/**
 * Which kept table is which, beside the ledger in the target:
 *
 * <pre>
 * drainer_dropped(clusterID, keptName, schemaName, tableName, tableID, commitTs, droppedBy, droppedAt,
 *                 wantedTs, foreignKeys)
 * tableID      upstream's id of the table; with a database: of the database (earlier releases: 0)
 * commitTs     of the DROP or TRUNCATE
 * wantedTs     of the RECOVER or FLASHBACK that began to bring it back, else 0
 * foreignKeys  what the table in its place has still to be given; see {@link ForeignKeys#note}
 * </pre>
 *
 * A database has a row of its own, with an empty tableName, that says it was dropped even when it
 * was empty, and stays when it is back.
 */
final class KeptRegister {
  private static final int HASH_BYTES = 5;

  private final KeptRegisterTable table;
  private final String cluster;
  private final String where;

  /** What a table went away with. */
  enum DroppedBy {
    TABLE,
    TRUNCATE,
    DATABASE,
    /** A database's own row when FLASHBACK has brought it back. */
    RETURNED,
    /** A database, kept long enough: its tables are being dropped for good. */
    EXPIRED
  }

  /** A table that lies aside as {@code name}, and where it was; or a database. */
  record Kept(
      String name,
      String schema,
      String table,
      Tso commitTs,
      DroppedBy by,
      Tso wantedTs,
      String foreignKeys) {
    boolean isTable() {
      return !table.isEmpty();
    }

    Kept with(String noted) {
      return new Kept(name, schema, table, commitTs, by, wantedTs, noted);
    }
  }

  KeptRegister(KeptRegisterTable table, long clusterId) {
    this.table = table;
    this.cluster = Long.toUnsignedString(clusterId);
    this.where = " where clusterID=" + cluster + " and ";
  }

  KeptRegisterTable table() {
    return table;
  }

  /**
   * The row of an earlier life, whose time begins anew, or a new one.
   *
   * @param name as the target spells it; empty for a database's own row
   */
  Kept reserve(SqlSession session, String schema, String name, SinkItem.Ddl item, DroppedBy by)
      throws SQLException {
    Optional<Kept> earlier = ofDdl(session, schema, name, item, by);
    if (earlier.isPresent()) {
      set(session, "droppedAt=now()", "keptName=" + SqlText.string(earlier.get().name));
      return earlier.get();
    }
    long id = by == DroppedBy.DATABASE ? item.job().schemaId() : item.job().tableId();
    return insert(session, schema, name, item.commitTs(), id, by);
  }

  private Kept insert(
      SqlSession session, String schema, String name, Tso commitTs, long id, DroppedBy by)
      throws SQLException {
    Kept kept =
        new Kept(keptName(commitTs, schema, name), schema, name, commitTs, by, Tso.ZERO, "");
    session.execute(
        "insert into "
            + table.quoted()
            + " (clusterID, keptName, schemaName, tableName, tableID, commitTs, droppedBy) values ("
            + cluster
            + ","
            + SqlText.string(kept.name)
            + ","
            + SqlText.string(schema)
            + ","
            + SqlText.string(name)
            + ","
            + id
            + ","
            + commitTs
            + ",'"
            + by
            + "')");
    return kept;
  }

  /**
   * Of an earlier life; a table of a database is found by its exact name: others may be like it.
   */
  Optional<Kept> ofDdl(
      SqlSession session, String schema, String name, SinkItem.Ddl item, DroppedBy by)
      throws SQLException {
    String ofIt = "commitTs=" + item.commitTs() + " and schemaName=" + SqlText.string(schema);
    boolean exactly = by == DroppedBy.DATABASE;
    return find(session, exactly ? ofIt + " and tableName=" + SqlText.string(name) : ofIt).stream()
        .filter(kept -> exactly || kept.table.equalsIgnoreCase(name))
        .findFirst();
  }

  /** Follows from the DDL and the table alone: a number would change with what others release. */
  private String keptName(Tso commitTs, String schema, String name) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(SqlText.name(schema, name).getBytes(StandardCharsets.UTF_8));
      return "k_"
          + cluster
          + "_"
          + commitTs
          + "_"
          + HexFormat.of().formatHex(digest, 0, HASH_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  void release(SqlSession session, Kept kept) throws SQLException {
    session.execute(
        "delete from " + table.quoted() + where + "keptName=" + SqlText.string(kept.name));
  }

  /** What the table that takes this one's place has still to be given. */
  void note(SqlSession session, Kept kept, String foreignKeys) throws SQLException {
    set(
        session,
        "foreignKeys=" + SqlText.string(foreignKeys),
        "keptName=" + SqlText.string(kept.name));
  }

  List<Kept> named(SqlSession session, String kept) throws SQLException {
    return find(session, "keptName=" + SqlText.string(kept));
  }

  /** Newest first. */
  List<Kept> ofTable(SqlSession session, long tableId) throws SQLException {
    return find(session, "tableID=" + tableId).stream()
        .filter(kept -> kept.by == DroppedBy.TABLE || kept.by == DroppedBy.TRUNCATE)
        .toList();
  }

  /**
   * The own row of a database as it was dropped last.
   *
   * @param oldName for those that an earlier release dropped, which knew no id
   */
  Optional<Kept> database(SqlSession session, long schemaId, String oldName, Tso before)
      throws SQLException {
    String earlier = " and commitTs<" + before;
    List<Kept> byId = find(session, "tableName='' and tableID=" + schemaId + earlier);
    if (!byId.isEmpty()) {
      return Optional.of(byId.get(0));
    }
    List<Kept> byName =
        find(
            session,
            "tableName<>'' and tableID=0 and droppedBy='DATABASE' and lower(schemaName)="
                + SqlText.string(oldName.toLowerCase(Locale.ROOT))
                + earlier);
    if (byName.isEmpty()) {
      return Optional.empty();
    }
    Kept newest = byName.get(0);
    boolean isAnothers = !find(session, "tableName='' and commitTs=" + newest.commitTs).isEmpty();
    return isAnothers
        ? Optional.empty()
        : Optional.of(
            insert(session, newest.schema, "", newest.commitTs, schemaId, DroppedBy.DATABASE));
  }

  /** What was in a database, and is not back yet. */
  List<Kept> tablesOf(SqlSession session, Kept database) throws SQLException {
    return find(
        session, "tableName<>'' and droppedBy='DATABASE' and commitTs=" + database.commitTs);
  }

  /** Kept anew, whatever interrupts who wants it. */
  void want(SqlSession session, Kept kept, Tso by) throws SQLException {
    String wanted = kept.isTable() ? "keptName=" + SqlText.string(kept.name) : ofDrop(kept);
    set(session, "droppedAt=now(), wantedTs=" + by, wanted);
  }

  private static String ofDrop(Kept database) {
    return "droppedBy='DATABASE' and commitTs=" + database.commitTs;
  }

  /** All of a database is back: whoever asks for it once more gets no older one. */
  void returned(SqlSession session, Kept database, Tso by) throws SQLException {
    set(
        session,
        "droppedBy='RETURNED', droppedAt=now(), wantedTs=" + by,
        "keptName=" + SqlText.string(database.name));
  }

  /**
   * What has been kept long enough; the tables of a database together, after the last.
   *
   * @param underWay the DDL that has not come to its end: what it moves stays, however long it
   *     takes
   */
  List<Kept> due(SqlSession session, Duration keep, Optional<Tso> underWay) throws SQLException {
    String old = "droppedAt < now() - interval " + keep.toSeconds() + " second";
    String others = underWay.map(ts -> "commitTs<>" + ts + " and wantedTs<>" + ts).orElse("true");
    expireDatabases(session, old, others);
    return find(
        session,
        others
            + " and (droppedBy='EXPIRED' or droppedBy in ('TABLE','TRUNCATE','RETURNED') and "
            + old
            + ")");
  }

  /** In one step each: FLASHBACK finds all of a database, or nothing. */
  private void expireDatabases(SqlSession session, String old, String others) throws SQLException {
    List<List<String>> due =
        session.query(
            "select commitTs from "
                + table.quoted()
                + where
                + others
                + " and droppedBy='DATABASE' group by commitTs having min("
                + old
                + ")");
    for (List<String> drop : due) {
      set(session, "droppedBy='EXPIRED'", "droppedBy='DATABASE' and commitTs=" + drop.get(0));
    }
  }

  private void set(SqlSession session, String change, String which) throws SQLException {
    session.execute("update " + table.quoted() + " set " + change + where + which);
  }

  private List<Kept> find(SqlSession session, String condition) throws SQLException {
    return session
        .query(
            "select keptName, schemaName, tableName, commitTs, droppedBy, wantedTs, foreignKeys"
                + " from "
                + table.quoted()
                + where
                + condition
                + " order by commitTs desc, tableName")
        .stream()
        .map(
            row ->
                new Kept(
                    row.get(0),
                    row.get(1),
                    row.get(2),
                    new Tso(Long.parseUnsignedLong(row.get(3))),
                    DroppedBy.valueOf(row.get(4)),
                    new Tso(Long.parseUnsignedLong(row.get(5))),
                    row.get(6)))
        .toList();
  }
}
