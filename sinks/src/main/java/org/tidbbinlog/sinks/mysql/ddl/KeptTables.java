package org.tidbbinlog.sinks.mysql.ddl;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.sinks.mysql.ddl.ForeignKeys.ForeignKey;
import org.tidbbinlog.sinks.mysql.ddl.ForeignKeys.Place;
import org.tidbbinlog.sinks.mysql.ddl.KeptRegister.DroppedBy;
import org.tidbbinlog.sinks.mysql.ddl.KeptRegister.Kept;
import org.tidbbinlog.sinks.mysql.target.SqlSession;

/**
 * Tables that DROP and TRUNCATE moved aside ({@code keep-dropped}), since RECOVER and FLASHBACK
 * bring back rows that no binlog carries. They lie in the database of {@link KeptPlace} under names
 * that mean nothing; a {@link KeptRegister} says which is which. A table stands in the register
 * before it is moved, and each step looks at what is there already, so all of it may be done again
 * after a crash. Views and sequences are not kept. Used by the thread that runs DDL.
 */
final class KeptTables {
  private static final Logger LOG = LoggerFactory.getLogger(KeptTables.class);

  private final KeptPlace place;
  private final KeptRegister register;
  private final ForeignKeys foreignKeys;

  /** What became of a statement about tables. */
  enum Moved {
    DONE,
    /** There is no such table; it may be a view. */
    NO_TABLE
  }

  KeptTables(KeptPlace place, KeptRegister register, ForeignKeys foreignKeys) {
    this.place = place;
    this.register = register;
    this.foreignKeys = foreignKeys;
  }

  /** In place of DROP TABLE. */
  Moved drop(MovingSession session, String schema, String table)
      throws SQLException, InterruptedException {
    place.prepare(session.sql(), session::run);
    String name = DdlNames.atTarget(session.sql(), schema, table);
    return moveAside(session, reserve(session, new Place(schema, name), DroppedBy.TABLE));
  }

  /**
   * Before DROP DATABASE: what is in it. All of it is in the register before the first is moved.
   */
  void empty(MovingSession session, String schema) throws SQLException, InterruptedException {
    place.prepare(session.sql(), session::run);
    if (!place.isDatabase(session.sql(), schema)) {
      return;
    }
    reserve(session, new Place(schema, ""), DroppedBy.DATABASE);
    List<Kept> reserved = new ArrayList<>();
    for (String table : KeptPlace.tables(session.sql(), schema)) {
      reserved.add(reserve(session, new Place(schema, table), DroppedBy.DATABASE));
    }
    for (Kept kept : reserved) {
      moveAside(session, kept);
    }
  }

  private Kept reserve(MovingSession session, Place from, DroppedBy by) throws SQLException {
    return register.reserve(session.sql(), from.schema(), from.table(), session.item(), by);
  }

  private Moved moveAside(MovingSession session, Kept kept)
      throws SQLException, InterruptedException {
    Place from = new Place(kept.schema(), kept.table());
    Place aside = KeptPlace.of(kept.name());
    if (place.isTable(session.sql(), aside)) {
      return Moved.DONE;
    }
    if (!place.isTable(session.sql(), from)) {
      register.release(session.sql(), kept);
      return Moved.NO_TABLE;
    }
    foreignKeys.makeWay(session, ForeignKeys.of(session.sql(), from), KeptPlace.SCHEMA);
    session.run("rename table " + from.quoted() + " to " + aside.quoted());
    tell(kept);
    return Moved.DONE;
  }

  /**
   * In place of TRUNCATE TABLE: an empty one of the same structure takes its place. {@code LIKE}
   * copies no foreign keys; it is given them after the swap, by a note in the register, so that a
   * swap that is refused has changed nothing at the table.
   */
  Moved truncate(MovingSession session, String schema, String table)
      throws SQLException, InterruptedException {
    place.prepare(session.sql(), session::run);
    SqlSession sql = session.sql();
    String name = DdlNames.atTarget(sql, schema, table);
    Kept kept = reserve(session, new Place(schema, name), DroppedBy.TRUNCATE);
    Place living = new Place(schema, kept.table());
    Place aside = KeptPlace.of(kept.name());
    if (!place.isTable(sql, aside)) {
      if (!place.isTable(sql, living)) {
        register.release(sql, kept);
        return Moved.NO_TABLE;
      }
      kept = swap(session, kept, living);
    }
    if (!place.isTable(sql, living)) {
      takePlace(session, kept, living);
    }
    if (!kept.foreignKeys().isEmpty()) {
      ForeignKeys.give(session, living, kept.foreignKeys());
      register.note(sql, kept, "");
    }
    return Moved.DONE;
  }

  private Kept swap(MovingSession session, Kept kept, Place living)
      throws SQLException, InterruptedException {
    Place old = KeptPlace.of(kept.name());
    Place fresh = twin(kept);
    session.run("drop table if exists " + fresh.quoted());
    session.run("create table " + fresh.quoted() + " like " + living.quoted());
    List<ForeignKey> keys = ForeignKeys.of(session.sql(), living);
    String note =
        ForeignKeys.note(keys, to -> place.isSame(to, living) ? living : living(session.sql(), to));
    register.note(session.sql(), kept, note);
    foreignKeys.makeWay(session, keys, KeptPlace.SCHEMA);
    session.run(
        "rename table "
            + living.quoted()
            + " to "
            + old.quoted()
            + ", "
            + fresh.quoted()
            + " to "
            + living.quoted());
    tell(kept);
    return kept.with(note);
  }

  /** The server died half way through the swap. */
  private void takePlace(MovingSession session, Kept kept, Place living)
      throws SQLException, InterruptedException {
    Place old = KeptPlace.of(kept.name());
    Place fresh = twin(kept);
    if (!place.isTable(session.sql(), fresh)) {
      session.run("create table " + fresh.quoted() + " like " + old.quoted());
    }
    session.run("rename table " + fresh.quoted() + " to " + living.quoted());
  }

  static Place twin(Kept kept) {
    return KeptPlace.of(kept.name() + "_new");
  }

  /** Whether a TRUNCATE that the target's numbers show as done has still to give foreign keys. */
  boolean isUnfinished(MovingSession session, String schema, String table)
      throws SQLException, InterruptedException {
    place.prepare(session.sql(), session::run);
    return register
        .ofDdl(session.sql(), schema, table, session.item(), DroppedBy.TRUNCATE)
        .filter(kept -> !kept.foreignKeys().isEmpty())
        .isPresent();
  }

  /**
   * Foreign keys follow a table that is moved aside; a new table's lead to the one in its place.
   */
  private Place living(SqlSession session, Place referenced) throws SQLException {
    if (!referenced.schema().equals(KeptPlace.SCHEMA)) {
      return referenced;
    }
    for (Kept kept : register.named(session, referenced.table())) {
      String name = DdlNames.atTarget(session, kept.schema(), kept.table());
      Place living = new Place(kept.schema(), name);
      if (place.isTable(session, living)) {
        return living;
      }
    }
    return referenced;
  }

  private static void tell(Kept kept) {
    LOG.atInfo()
        .addKeyValue("schema", kept.schema())
        .addKeyValue("table", kept.table())
        .addKeyValue("kept-as", KeptPlace.SCHEMA + "." + kept.name())
        .log("dropped table kept");
  }
}
