package org.tidbbinlog.sinks.mysql.ddl;

import java.math.BigDecimal;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
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
 * @param offset of the job's session; of {@link Kind#ASSUMED} nothing is known
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

  private static final DateTimeFormatter TEXT =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT);

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

  /**
   * What a session in this zone means by a time of day: an offset that it has today may be wrong
   * for the other half of the year.
   */
  Instant instant(SqlSession session, LocalDateTime local) throws SQLException {
    return kind == Kind.ASSUMED ? asked(session, local) : local.toInstant(offset);
  }

  private static Instant asked(SqlSession session, LocalDateTime local) throws SQLException {
    String literal = SqlText.string(TEXT.format(local));
    String answer = session.query("select unix_timestamp(" + literal + ")").get(0).get(0);
    // Empty or zero: it is none there. Servers differ in whether they tell fractions.
    long seconds = answer.isEmpty() ? 0 : new BigDecimal(answer).longValue();
    Instant asUtc = local.toInstant(ZoneOffset.UTC);
    return seconds == 0 ? asUtc : asUtc.plusSeconds(seconds - asUtc.getEpochSecond());
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
