package org.tidbbinlog.sinks.mysql.ddl;

import com.fasterxml.jackson.databind.JsonNode;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.schema.DbInfo;
import org.tidbbinlog.codec.schema.TableInfo;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.sinks.mysql.ddl.ForeignKeys.Names;
import org.tidbbinlog.sinks.mysql.ddl.ForeignKeys.Place;
import org.tidbbinlog.sinks.mysql.rows.SqlText;
import org.tidbbinlog.sinks.mysql.target.SqlSession;

/**
 * Tables that DROP and TRUNCATE moved aside ({@code keep-dropped}), since RECOVER and FLASHBACK
 * bring back rows that no binlog carries. They lie in the database {@link #SCHEMA} under names that
 * mean nothing; a register beside the ledger says which is which:
 *
 * <pre>
 * drainer_dropped(clusterID, keptName, schemaName, tableName, tableID, commitTs, droppedBy, droppedAt)
 * </pre>
 *
 * A table stands in the register before it is moved, and each step looks at what is there already,
 * so all of it may be done again after a crash. Views and sequences are not kept. Used by the
 * thread that runs DDL, and by the one that cleans up.
 */
final class KeptTables {
  static final String SCHEMA = "tidb_binlog_dropped";

  private static final Logger LOG = LoggerFactory.getLogger(KeptTables.class);
  private static final String REGISTER = "drainer_dropped";

  private final String ledgerSchema;
  private final String register;
  private final String cluster;
  private final UnaryOperator<String> marked;
  private final ForeignKeys foreignKeys;
  private volatile boolean made;

  /** What a table went away with. */
  private enum DroppedBy {
    TABLE,
    TRUNCATE,
    DATABASE,
    /** A database, kept long enough: its tables are being dropped for good. */
    EXPIRED
  }

  /** What became of a statement about tables. */
  enum Moved {
    DONE,
    /** There is no such table; it may be a view. */
    NO_TABLE
  }

  private record Kept(String name, String schema, String table) {}

  /**
   * @param marked puts the mark against loops to a DDL
   */
  KeptTables(String ledgerSchema, long clusterId, Names foreignKeys, UnaryOperator<String> marked) {
    this.marked = marked;
    this.foreignKeys = new ForeignKeys(foreignKeys, marked);
    this.ledgerSchema = ledgerSchema;
    this.register = SqlText.name(ledgerSchema, REGISTER);
    this.cluster = Long.toUnsignedString(clusterId);
  }

  /** In place of DROP TABLE. */
  Moved drop(SqlSession session, String schema, String table, SinkItem.Ddl item)
      throws SQLException {
    return moveAside(session, schema, table, item, DroppedBy.TABLE);
  }

  /** In place of TRUNCATE TABLE: an empty one of the same structure takes its place. */
  Moved truncate(SqlSession session, String schema, String table, SinkItem.Ddl item)
      throws SQLException {
    makePlace(session);
    String name = DdlNames.atTarget(session, schema, table);
    String kept = reserve(session, schema, table, item, DroppedBy.TRUNCATE);
    String old = SqlText.name(SCHEMA, kept);
    String fresh = SqlText.name(SCHEMA, kept + "_new");
    String place = SqlText.name(schema, name);
    if (isTable(session, SCHEMA, kept)) {
      if (!isTable(session, schema, name) && isTable(session, SCHEMA, kept + "_new")) {
        run(session, "rename table " + fresh + " to " + place); // The server died half way.
      }
      return Moved.DONE;
    }
    if (!isTable(session, schema, name)) {
      release(session, kept);
      return Moved.NO_TABLE;
    }
    makeTwin(session, new Place(schema, name), kept);
    run(session, "rename table " + place + " to " + old + ", " + fresh + " to " + place);
    tell(schema, name, kept);
    return Moved.DONE;
  }

  /** Empty, with the indexes and foreign keys; the names are the twin's from here on. */
  private void makeTwin(SqlSession session, Place place, String kept) throws SQLException {
    Place twin = new Place(SCHEMA, kept + "_new");
    if (isTable(session, SCHEMA, twin.table()) && foreignKeys.areSetAside(session, place, kept)) {
      return; // Made in an earlier life.
    }
    run(session, "drop table if exists " + twin.quoted());
    run(session, "create table " + twin.quoted() + " like " + place.quoted());
    foreignKeys.copy(session, place, twin, to -> to.equals(place) ? twin : living(session, to));
    foreignKeys.setAside(session, place, kept);
  }

  /** Foreign keys follow a table that is moved aside; a copy's lead to the one in its place. */
  private Place living(SqlSession session, Place referenced) throws SQLException {
    if (!referenced.schema().equals(SCHEMA)) {
      return referenced;
    }
    for (Kept kept : find(session, "keptName=" + SqlText.string(referenced.table()))) {
      String name = DdlNames.atTarget(session, kept.schema, kept.table);
      if (isTable(session, kept.schema, name)) {
        return new Place(kept.schema, name);
      }
    }
    return referenced;
  }

  /** Before DROP DATABASE: what is in it. */
  void empty(SqlSession session, String schema, SinkItem.Ddl item) throws SQLException {
    String there =
        "select 1 from information_schema.schemata where schema_name=" + SqlText.string(schema);
    if (session.query(there).isEmpty()) {
      return;
    }
    // TiDB 6.6 may go on listing a table in information_schema that is gone.
    List<List<String>> tables =
        session.query(
            "show full tables from " + SqlText.name(schema) + " where table_type='BASE TABLE'");
    for (List<String> table : tables) {
      moveAside(session, schema, table.get(0), item, DroppedBy.DATABASE);
    }
  }

  private Moved moveAside(
      SqlSession session, String schema, String table, SinkItem.Ddl item, DroppedBy by)
      throws SQLException {
    makePlace(session);
    String name = DdlNames.atTarget(session, schema, table);
    String kept = reserve(session, schema, table, item, by);
    if (isTable(session, SCHEMA, kept)) {
      return Moved.DONE;
    }
    if (!isTable(session, schema, name)) {
      release(session, kept);
      return Moved.NO_TABLE;
    }
    foreignKeys.makeFit(session, new Place(schema, name), kept, SCHEMA);
    run(
        session,
        "rename table " + SqlText.name(schema, name) + " to " + SqlText.name(SCHEMA, kept));
    tell(schema, name, kept);
    return Moved.DONE;
  }

  private static void tell(String schema, String table, String kept) {
    LOG.atInfo()
        .addKeyValue("schema", schema)
        .addKeyValue("table", table)
        .addKeyValue("kept-as", SCHEMA + "." + kept)
        .log("dropped table kept");
  }

  /**
   * In place of RECOVER and FLASHBACK.
   *
   * @return whether what is wanted was among the kept ones
   */
  BroughtBack bringBack(SqlSession session, SinkItem.Ddl item) throws SQLException {
    makePlace(session);
    return item.table().isEmpty()
        ? bringBackDatabase(session, item)
        : bringBackTable(session, item);
  }

  private BroughtBack bringBackTable(SqlSession session, SinkItem.Ddl item) throws SQLException {
    TableInfo info = item.job().tableInfo();
    long id = info == null ? item.job().tableId() : info.id();
    for (Kept kept : find(session, "tableID=" + id)) {
      if (isTable(session, SCHEMA, kept.name)) {
        moveBack(session, kept, item.schema(), item.table());
        return BroughtBack.DONE;
      }
    }
    return BroughtBack.NOTHING_KEPT;
  }

  private BroughtBack bringBackDatabase(SqlSession session, SinkItem.Ddl item) throws SQLException {
    String old = oldName(item).toLowerCase(Locale.ROOT);
    String ofDatabase =
        "droppedBy='DATABASE' and lower(schemaName)=" + SqlText.string(old) + " and commitTs=";
    List<List<String>> newest =
        session.query(
            "select max(commitTs) from "
                + register
                + where()
                + " and droppedBy='DATABASE' and lower(schemaName)="
                + SqlText.string(old));
    if (newest.get(0).get(0).isEmpty()) {
      return BroughtBack.NOTHING_KEPT;
    }
    String wanted = ofDatabase + newest.get(0).get(0);
    // From here on all of it is kept anew, whatever interrupts this.
    session.execute("update " + register + " set droppedAt=now()" + where() + " and " + wanted);
    List<Kept> tables = find(session, wanted);
    List<String> gone = new ArrayList<>();
    for (Kept kept : tables) {
      if (!isTable(session, SCHEMA, kept.name) && !isTable(session, item.schema(), kept.table)) {
        gone.add(SqlText.name(kept.table));
      }
    }
    if (!gone.isEmpty()) {
      return BroughtBack.without(gone);
    }
    DbInfo info = item.job().dbInfo();
    run(
        session,
        "create database if not exists "
            + SqlText.name(item.schema())
            + (info == null || info.charset().isEmpty() ? "" : " character set " + info.charset()));
    for (Kept kept : tables) {
      if (isTable(session, SCHEMA, kept.name)) {
        moveBack(session, kept, item.schema(), kept.table);
      } else {
        release(session, kept.name);
      }
    }
    return BroughtBack.DONE;
  }

  /** FLASHBACK DATABASE may give it another name; else it has its name at the target again. */
  private static String oldName(SinkItem.Ddl item) {
    JsonNode name = item.job().rawArgs().path(0).path("OldSchemaName");
    String old = name.isObject() ? name.path("O").asText() : name.asText("");
    DbInfo info = item.job().dbInfo();
    boolean same = info == null || info.name().original().equalsIgnoreCase(old);
    return old.isEmpty() || same ? item.schema() : old;
  }

  private void moveBack(SqlSession session, Kept kept, String schema, String table)
      throws SQLException {
    foreignKeys.makeFit(session, new Place(SCHEMA, kept.name), kept.name, schema);
    run(
        session,
        "rename table " + SqlText.name(SCHEMA, kept.name) + " to " + SqlText.name(schema, table));
    release(session, kept.name);
    LOG.atInfo()
        .addKeyValue("schema", schema)
        .addKeyValue("table", table)
        .addKeyValue("was", kept.schema + "." + kept.table)
        .log("kept table brought back");
  }

  /** Drops what has been kept long enough; the tables of a database together, after the last. */
  void cleanUp(SqlSession session, Duration keep) throws SQLException {
    makePlace(session);
    String old = " < now() - interval " + keep.toSeconds() + " second";
    expireDatabases(session, old);
    String due =
        "(droppedBy='EXPIRED' or droppedBy in ('TABLE','TRUNCATE') and droppedAt" + old + ")";
    for (Kept kept : find(session, due)) {
      run(session, "drop table if exists " + SqlText.name(SCHEMA, kept.name));
      run(session, "drop table if exists " + SqlText.name(SCHEMA, kept.name + "_new"));
      release(session, kept.name);
      LOG.atInfo()
          .addKeyValue("schema", kept.schema)
          .addKeyValue("table", kept.table)
          .log("kept table dropped for good");
    }
  }

  /** In one step each: FLASHBACK finds all of a database, or nothing. */
  private void expireDatabases(SqlSession session, String old) throws SQLException {
    List<List<String>> due =
        session.query(
            "select commitTs, schemaName from "
                + register
                + where()
                + " and droppedBy='DATABASE' group by commitTs, schemaName having max(droppedAt)"
                + old);
    for (List<String> drop : due) {
      session.execute(
          "update "
              + register
              + " set droppedBy='EXPIRED'"
              + where()
              + " and droppedBy='DATABASE' and commitTs="
              + drop.get(0)
              + " and schemaName="
              + SqlText.string(drop.get(1))
              + " and droppedAt"
              + old);
    }
  }

  private void run(SqlSession session, String ddl) throws SQLException {
    session.execute(marked.apply(ddl));
  }

  private void makePlace(SqlSession session) throws SQLException {
    if (made) {
      return;
    }
    run(session, "create database if not exists " + SqlText.name(ledgerSchema));
    run(session, "create database if not exists " + SqlText.name(SCHEMA));
    run(
        session,
        "create table if not exists "
            + register
            + " (clusterID bigint unsigned not null, keptName varchar(64) not null,"
            + " schemaName varchar(64) not null, tableName varchar(64) not null,"
            + " tableID bigint not null, commitTs bigint unsigned not null,"
            + " droppedBy varchar(16) not null,"
            + " droppedAt timestamp not null default current_timestamp,"
            + " primary key (clusterID, keptName))");
    made = true;
  }

  /** The name it is kept by: the one of an earlier life, or a new one. */
  private String reserve(
      SqlSession session, String schema, String table, SinkItem.Ddl item, DroppedBy by)
      throws SQLException {
    Tso commitTs = item.commitTs();
    Optional<Kept> earlier =
        find(
                session,
                "commitTs="
                    + commitTs
                    + " and schemaName="
                    + SqlText.string(schema)
                    + " and tableName="
                    + SqlText.string(table))
            .stream()
            .findFirst();
    if (earlier.isPresent()) {
      return earlier.get().name;
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

  private void release(SqlSession session, String kept) throws SQLException {
    session.execute("delete from " + register + where() + " and keptName=" + SqlText.string(kept));
  }

  private List<Kept> find(SqlSession session, String condition) throws SQLException {
    return session
        .query(
            "select keptName, schemaName, tableName from "
                + register
                + where()
                + " and "
                + condition
                + " order by commitTs desc, keptName")
        .stream()
        .map(row -> new Kept(row.get(0), row.get(1), row.get(2)))
        .toList();
  }

  private String where() {
    return " where clusterID=" + cluster;
  }

  private static boolean isTable(SqlSession session, String schema, String table)
      throws SQLException {
    return !session
        .query(
            "select 1 from information_schema.tables where table_type='BASE TABLE' and"
                + " table_schema="
                + SqlText.string(schema)
                + " and table_name="
                + SqlText.string(table))
        .isEmpty();
  }
}
