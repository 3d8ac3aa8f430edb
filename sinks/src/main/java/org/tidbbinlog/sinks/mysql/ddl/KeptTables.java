package org.tidbbinlog.sinks.mysql.ddl;

import com.fasterxml.jackson.databind.JsonNode;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.codec.schema.DbInfo;
import org.tidbbinlog.codec.schema.TableInfo;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.sinks.mysql.ddl.ForeignKeys.Place;
import org.tidbbinlog.sinks.mysql.ddl.KeptRegister.DroppedBy;
import org.tidbbinlog.sinks.mysql.ddl.KeptRegister.Kept;
import org.tidbbinlog.sinks.mysql.rows.SqlText;
import org.tidbbinlog.sinks.mysql.target.Dialect;
import org.tidbbinlog.sinks.mysql.target.SqlSession;

/**
 * Tables that DROP and TRUNCATE moved aside ({@code keep-dropped}), since RECOVER and FLASHBACK
 * bring back rows that no binlog carries. They lie in the database {@link #SCHEMA} under names that
 * mean nothing; a {@link KeptRegister} says which is which. A table stands in the register before
 * it is moved, and each step looks at what is there already, so all of it may be done again after a
 * crash. Views and sequences are not kept. Used by the thread that runs DDL, and by the one that
 * cleans up.
 */
final class KeptTables {
  static final String SCHEMA = "tidb_binlog_dropped";

  private static final Logger LOG = LoggerFactory.getLogger(KeptTables.class);

  private final Dialect dialect;
  private final KeptRegister register;
  private final UnaryOperator<String> marked;
  private final ForeignKeys foreignKeys;
  private volatile boolean made;

  /** What became of a statement about tables. */
  enum Moved {
    DONE,
    /** There is no such table; it may be a view. */
    NO_TABLE
  }

  /**
   * @param marked puts the mark against loops to a DDL
   */
  KeptTables(Dialect dialect, String ledgerSchema, long clusterId, UnaryOperator<String> marked) {
    this.dialect = dialect;
    this.marked = marked;
    this.foreignKeys =
        new ForeignKeys(
            dialect.isTiDb() ? ForeignKeys.Names.OF_A_TABLE : ForeignKeys.Names.OF_A_DATABASE,
            marked);
    this.register = new KeptRegister(ledgerSchema, clusterId);
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
    String kept = register.reserve(session, schema, table, item, DroppedBy.TRUNCATE);
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
      register.release(session, kept);
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
    for (Kept kept : register.named(session, referenced.table())) {
      String name = DdlNames.atTarget(session, kept.schema(), kept.table());
      if (isTable(session, kept.schema(), name)) {
        return new Place(kept.schema(), name);
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
    String kept = register.reserve(session, schema, table, item, by);
    if (isTable(session, SCHEMA, kept)) {
      return Moved.DONE;
    }
    if (!isTable(session, schema, name)) {
      register.release(session, kept);
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
    for (Kept kept : register.ofTable(session, id)) {
      if (isTable(session, SCHEMA, kept.name())) {
        moveBack(session, kept, item.schema(), item.table());
        return BroughtBack.DONE;
      }
    }
    return BroughtBack.NOTHING_KEPT;
  }

  private BroughtBack bringBackDatabase(SqlSession session, SinkItem.Ddl item) throws SQLException {
    List<Kept> tables = register.ofDatabase(session, oldName(item));
    if (tables.isEmpty()) {
      return BroughtBack.NOTHING_KEPT;
    }
    List<String> gone = new ArrayList<>();
    for (Kept kept : tables) {
      if (!isTable(session, SCHEMA, kept.name())
          && !isTable(session, item.schema(), kept.table())) {
        gone.add(SqlText.name(kept.table()));
      }
    }
    if (!gone.isEmpty()) {
      return BroughtBack.without(gone);
    }
    makeDatabase(session, item);
    for (Kept kept : tables) {
      if (isTable(session, SCHEMA, kept.name())) {
        moveBack(session, kept, item.schema(), kept.table());
      } else {
        register.release(session, kept.name());
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
    foreignKeys.makeFit(session, new Place(SCHEMA, kept.name()), kept.name(), schema);
    run(
        session,
        "rename table " + SqlText.name(SCHEMA, kept.name()) + " to " + SqlText.name(schema, table));
    register.release(session, kept.name());
    LOG.atInfo()
        .addKeyValue("schema", schema)
        .addKeyValue("table", table)
        .addKeyValue("was", kept.schema() + "." + kept.table())
        .log("kept table brought back");
  }

  /** Drops what has been kept long enough; the tables of a database together, after the last. */
  void cleanUp(SqlSession session, Duration keep) throws SQLException {
    makePlace(session);
    for (Kept kept : register.due(session, keep)) {
      run(session, "drop table if exists " + SqlText.name(SCHEMA, kept.name()));
      run(session, "drop table if exists " + SqlText.name(SCHEMA, kept.name() + "_new"));
      register.release(session, kept.name());
      LOG.atInfo()
          .addKeyValue("schema", kept.schema())
          .addKeyValue("table", kept.table())
          .log("kept table dropped for good");
    }
  }

  /** With upstream's collation: tables that are made in it later may name none. */
  private void makeDatabase(SqlSession session, SinkItem.Ddl item) throws SQLException {
    String ddl =
        "create database if not exists "
            + SqlText.name(item.schema())
            + Collations.of(item.job()).forNewDatabase();
    try {
      run(session, ddl);
    } catch (SQLException e) {
      if (e.getErrorCode() != UnknownCollations.ERROR) {
        throw e;
      }
      run(session, UnknownCollations.replaced(ddl, dialect));
    }
  }

  private void run(SqlSession session, String ddl) throws SQLException {
    session.execute(marked.apply(ddl));
  }

  private void makePlace(SqlSession session) throws SQLException {
    if (made) {
      return;
    }
    run(session, "create database if not exists " + SqlText.name(SCHEMA));
    for (String ddl : register.ddl()) {
      run(session, ddl);
    }
    made = true;
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
