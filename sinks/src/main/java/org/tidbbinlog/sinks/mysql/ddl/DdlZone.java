package org.tidbbinlog.sinks.mysql.ddl;

import java.sql.SQLException;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.codec.ddl.SessionZone;
import org.tidbbinlog.sinks.mysql.rows.SqlText;
import org.tidbbinlog.sinks.mysql.target.SqlSession;

/**
 * What the times of day in a DDL are times of, and so the zone of the session that runs it; rows
 * and the ledger stay in UTC.
 *
 * @param name of the time zone database, or empty; only {@link Kind#UPSTREAM} has one
 * @param offset what is known of the session's offset
 */
record DdlZone(Kind kind, String name, ZoneOffset offset) {
  /** None is left in it, or they were written anew in UTC. */
  static final DdlZone UTC = new DdlZone(Kind.UTC, "", ZoneOffset.UTC);

  /** Nobody tells: {@code params.time_zone}, or the target's own. */
  static final DdlZone ASSUMED = new DdlZone(Kind.ASSUMED, "", ZoneOffset.UTC);

  private static final Logger LOG = LoggerFactory.getLogger(DdlZone.class);
  private static final int UNKNOWN_ZONE = 1298;

  /** What TiDB calls the zone of its machine: only the offset says something. */
  private static final Set<String> MACHINES = Set.of("system", "local");

  private static final Set<String> GREENWICH = Set.of("utc", "etc/utc", "z", "gmt");

  /** Where it is known from. */
  enum Kind {
    UTC,
    /** The job tells. */
    UPSTREAM,
    ASSUMED
  }

  static DdlZone of(SessionZone told) {
    String lower = told.name().toLowerCase(Locale.ROOT);
    if (told.offsetSeconds() == 0 && (lower.isEmpty() || GREENWICH.contains(lower))) {
      return UTC;
    }
    return new DdlZone(
        Kind.UPSTREAM,
        MACHINES.contains(lower) ? "" : told.name(),
        ZoneOffset.ofTotalSeconds(told.offsetSeconds()));
  }

  /**
   * @param assumed a zone as SQL
   */
  void enter(SqlSession session, String assumed) throws SQLException {
    switch (kind) {
      case UTC -> {}
      case ASSUMED -> set(session, assumed);
      case UPSTREAM -> {
        if (name.isEmpty() || !tryName(session)) {
          set(session, SqlText.string(offsetText()));
        }
      }
    }
  }

  void leave(SqlSession session) throws SQLException {
    if (kind != Kind.UTC) {
      set(session, "'+00:00'");
    }
  }

  private boolean tryName(SqlSession session) throws SQLException {
    try {
      set(session, SqlText.string(name));
      return true;
    } catch (SQLException e) {
      if (e.getErrorCode() != UNKNOWN_ZONE) {
        throw e;
      }
      LOG.atWarn()
          .addKeyValue("zone", name)
          .addKeyValue("offset", offsetText())
          .log("target does not know the ddl's time zone, its offset is taken");
      return false;
    }
  }

  private String offsetText() {
    int minutes = Math.abs(offset.getTotalSeconds()) / 60;
    return String.format(
        Locale.ROOT,
        "%s%02d:%02d",
        offset.getTotalSeconds() < 0 ? "-" : "+",
        minutes / 60,
        minutes % 60);
  }

  private static void set(SqlSession session, String zone) throws SQLException {
    session.execute("set session time_zone=" + zone);
  }
}
