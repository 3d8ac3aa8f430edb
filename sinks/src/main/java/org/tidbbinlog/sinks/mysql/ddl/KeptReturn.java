package org.tidbbinlog.sinks.mysql.ddl;

import com.fasterxml.jackson.databind.JsonNode;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Tso;
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
 * Moves kept tables back in place of RECOVER and FLASHBACK: a table by its id, a database by its
 * own, which TiDB gives back with it. May be done again after a crash. Used by the thread that runs
 * DDL.
 */
final class KeptReturn {
  private static final Logger LOG = LoggerFactory.getLogger(KeptReturn.class);

  private final Dialect dialect;
  private final KeptPlace place;
  private final KeptRegister register;
  private final ForeignKeys foreignKeys;

  KeptReturn(Dialect dialect, KeptPlace place, KeptRegister register, ForeignKeys foreignKeys) {
    this.dialect = dialect;
    this.place = place;
    this.register = register;
    this.foreignKeys = foreignKeys;
  }

  /**
   * In place of RECOVER and FLASHBACK.
   *
   * @return whether what is wanted was among the kept ones
   */
  BroughtBack bringBack(MovingSession session) throws SQLException, InterruptedException {
    place.prepare(session.sql(), session::run);
    return session.item().table().isEmpty() ? bringBackDatabase(session) : bringBackTable(session);
  }

  private BroughtBack bringBackTable(MovingSession session)
      throws SQLException, InterruptedException {
    SinkItem.Ddl item = session.item();
    TableInfo info = item.job().tableInfo();
    long id = info == null ? item.job().tableId() : info.id();
    for (Kept kept : register.ofTable(session.sql(), id)) {
      if (place.isTable(session.sql(), KeptPlace.of(kept.name()))) {
        register.want(session.sql(), kept, item.commitTs());
        moveBack(session, kept, new Place(item.schema(), item.table()));
        return BroughtBack.DONE;
      }
    }
    return BroughtBack.NOTHING_KEPT;
  }

  private BroughtBack bringBackDatabase(MovingSession session)
      throws SQLException, InterruptedException {
    SinkItem.Ddl item = session.item();
    Tso now = item.commitTs();
    Optional<Kept> found = register.database(session.sql(), schemaId(item), oldName(item), now);
    if (found.isEmpty() || found.get().by() == DroppedBy.EXPIRED) {
      return BroughtBack.NOTHING_KEPT;
    }
    Kept database = found.get();
    if (database.by() == DroppedBy.RETURNED) {
      return database.wantedTs().equals(now) ? BroughtBack.DONE : BroughtBack.NOTHING_KEPT;
    }
    register.want(session.sql(), database, now);
    List<Kept> tables = register.tablesOf(session.sql(), database);
    List<String> gone = gone(session.sql(), tables, item.schema());
    if (!gone.isEmpty()) {
      return BroughtBack.without(gone);
    }
    makeDatabase(session);
    for (Kept kept : tables) {
      if (place.isTable(session.sql(), KeptPlace.of(kept.name()))) {
        moveBack(session, kept, new Place(item.schema(), kept.table()));
      } else {
        register.release(session.sql(), kept);
      }
    }
    register.returned(session.sql(), database, now);
    return BroughtBack.DONE;
  }

  /** Names of tables that are neither kept nor in their place. */
  private List<String> gone(SqlSession session, List<Kept> tables, String schema)
      throws SQLException {
    List<String> gone = new ArrayList<>();
    for (Kept kept : tables) {
      if (!place.isTable(session, KeptPlace.of(kept.name()))
          && !place.isTable(session, new Place(schema, kept.table()))) {
        gone.add(SqlText.name(kept.table()));
      }
    }
    return gone;
  }

  private static long schemaId(SinkItem.Ddl item) {
    DbInfo info = item.job().dbInfo();
    return info == null ? item.job().schemaId() : info.id();
  }

  /** FLASHBACK DATABASE may give it another name; else it has its name at the target again. */
  private static String oldName(SinkItem.Ddl item) {
    JsonNode name = item.job().rawArgs().path(0).path("OldSchemaName");
    String old = name.isObject() ? name.path("O").asText() : name.asText("");
    DbInfo info = item.job().dbInfo();
    boolean same = info == null || info.name().original().equalsIgnoreCase(old);
    return old.isEmpty() || same ? item.schema() : old;
  }

  private void moveBack(MovingSession session, Kept kept, Place to)
      throws SQLException, InterruptedException {
    Place from = KeptPlace.of(kept.name());
    foreignKeys.makeFit(session, from, to.schema());
    session.run("rename table " + from.quoted() + " to " + to.quoted());
    register.release(session.sql(), kept);
    LOG.atInfo()
        .addKeyValue("schema", to.schema())
        .addKeyValue("table", to.table())
        .addKeyValue("was", kept.schema() + "." + kept.table())
        .log("kept table brought back");
  }

  /** With upstream's collation: tables that are made in it later may name none. */
  private void makeDatabase(MovingSession session) throws SQLException, InterruptedException {
    SinkItem.Ddl item = session.item();
    String ddl =
        "create database if not exists "
            + SqlText.name(item.schema())
            + Collations.of(item.job()).forNewDatabase();
    try {
      session.run(ddl);
    } catch (SQLException e) {
      if (e.getErrorCode() != UnknownCollations.ERROR) {
        throw e;
      }
      session.run(UnknownCollations.replaced(ddl, dialect));
    }
  }
}
