package org.tidbbinlog.sinks.mysql.ddl;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.sinks.mysql.ddl.ForeignKeys.Place;
import org.tidbbinlog.sinks.mysql.ddl.KeptRegister.Kept;
import org.tidbbinlog.sinks.mysql.target.SqlSession;
import org.tidbbinlog.sinks.mysql.target.TargetFault;

/**
 * Drops for good what has been kept long enough; the tables of a database together, after the last.
 * A round is short, since the thread has a running DDL to look at: what is left, or read by
 * somebody, is for the next one. Used by {@link DdlUpkeep}'s thread.
 */
final class KeptCleaning {
  private static final Logger LOG = LoggerFactory.getLogger(KeptCleaning.class);
  private static final Duration ROUND = Duration.ofSeconds(5);
  private static final int LOCK_WAIT_SECONDS = 1;
  private static final int MOST_FAILURES = 3;

  private final KeptPlace place;
  private final KeptRegister register;
  private final UnaryOperator<String> marked;
  private final Clock clock;

  /**
   * @param marked puts the mark against loops to a DDL
   */
  KeptCleaning(KeptPlace place, KeptRegister register, UnaryOperator<String> marked, Clock clock) {
    this.place = place;
    this.register = register;
    this.marked = marked;
    this.clock = clock;
  }

  /**
   * @param underWay the DDL that has not come to its end
   */
  void round(SqlSession session, Duration keep, Optional<Tso> underWay)
      throws SQLException, InterruptedException {
    waitBriefly(session);
    place.prepare(session, ddl -> session.execute(marked.apply(ddl)));
    long endNs = clock.nanoTime() + ROUND.toNanos();
    int failures = 0;
    for (Kept kept : register.due(session, keep, underWay)) {
      if (failures == MOST_FAILURES || clock.nanoTime() - endNs > 0) {
        return;
      }
      failures += tryDrop(session, kept) ? 0 : 1;
    }
  }

  private static void waitBriefly(SqlSession session) throws SQLException {
    try {
      session.execute("set session lock_wait_timeout=" + LOCK_WAIT_SECONDS);
    } catch (SQLException e) {
      if (TargetFault.of(e) == TargetFault.CONNECTION) {
        throw e;
      }
      // Not known here: the session's read timeout remains.
    }
  }

  private boolean tryDrop(SqlSession session, Kept kept) throws SQLException {
    try {
      if (kept.isTable()) {
        drop(session, KeptPlace.of(kept.name()));
        drop(session, KeptTables.twin(kept));
      }
      register.release(session, kept);
    } catch (SQLException e) {
      if (TargetFault.of(e) == TargetFault.CONNECTION) {
        throw e;
      }
      LOG.atWarn()
          .addKeyValue("kept-as", KeptPlace.SCHEMA + "." + kept.name())
          .addKeyValue("error", TargetFault.brief(e))
          .log("kept table not dropped yet");
      return false;
    }
    LOG.atInfo()
        .addKeyValue("schema", kept.schema())
        .addKeyValue("table", kept.table())
        .log("kept table dropped for good");
    return true;
  }

  private void drop(SqlSession session, Place table) throws SQLException {
    session.execute(marked.apply("drop table if exists " + table.quoted()));
  }
}
