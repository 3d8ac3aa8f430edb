package org.tidbbinlog.sinks.mysql.ddl;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.airlock.DdlAirlock;
import org.tidbbinlog.drainer.airlock.RunningDdl;
import org.tidbbinlog.sinks.mysql.target.SqlSession;
import org.tidbbinlog.sinks.mysql.target.TargetConnector;
import org.tidbbinlog.sinks.mysql.target.TargetFault;

/**
 * Looks from another connection at a statement that takes long. A DDL has no read timeout, so when
 * its answer is swallowed on the way it would be waited for until the system gives the connection
 * up, or for ever behind a proxy: when the same server says twice that the connection is idle or
 * gone, it is given up, and the target is looked at as after any lost connection. {@link #begins}
 * and {@link #ends} are for the thread that runs DDL, {@link #look} is for {@link DdlUpkeep}'s.
 */
final class DdlLookout {
  private static final Logger LOG = LoggerFactory.getLogger(DdlLookout.class);
  private static final Duration LONG = Duration.ofSeconds(5);
  private static final int LOOKS_TO_BE_SURE = 2;
  private static final String IDLE = "Sleep";

  private record AtWork(SqlSession session, RunningDdl ddl, String server) {}

  private final TargetConnector connector;
  private final DdlAirlock airlock;
  private final Clock clock;
  private volatile Optional<AtWork> atWork = Optional.empty();
  private Optional<AtWork> lookedAt = Optional.empty();
  private int looksWithoutWork;

  DdlLookout(TargetConnector connector, DdlAirlock airlock, Clock clock) {
    this.connector = connector;
    this.airlock = airlock;
    this.clock = clock;
  }

  void begins(SqlSession session, Tso commitTs, String sql) throws SQLException {
    RunningDdl ddl = new RunningDdl(commitTs, sql, clock.now(), session.mark().number(), "");
    atWork = Optional.of(new AtWork(session, ddl, server(session)));
    airlock.runs(ddl);
  }

  void ends() {
    atWork = Optional.empty();
    airlock.ended();
  }

  /** A fault of the target is only told. */
  void look() {
    Optional<AtWork> now = atWork;
    if (!now.equals(lookedAt)) {
      looksWithoutWork = 0;
    }
    lookedAt = now;
    if (now.isEmpty() || Duration.between(now.get().ddl.since(), clock.now()).compareTo(LONG) < 0) {
      return;
    }
    try (SqlSession session = connector.open()) {
      look(session, now.get());
    } catch (SQLException e) {
      LOG.atWarn().addKeyValue("error", TargetFault.brief(e)).log("ddl not looked at");
    }
  }

  private void look(SqlSession session, AtWork work) throws SQLException {
    Optional<String> seen =
        DdlTurn.look(session, work.ddl.connection(), connector.dialect().family());
    airlock.running().ifPresent(ddl -> airlock.saw(ddl, seen.orElse("not there any more")));
    LOG.atInfo()
        .addKeyValue("sql", DdlErrors.shortened(work.ddl.statement()))
        .addKeyValue("commit-ts", work.ddl.commitTs())
        .addKeyValue("since", work.ddl.since())
        .addKeyValue("connection", work.ddl.connection())
        .addKeyValue("target-says", seen.orElse("not there any more"))
        .log("ddl runs for long");
    boolean works = seen.isPresent() && !seen.get().startsWith(IDLE);
    boolean told = !work.server.isEmpty() && work.server.equals(server(session));
    looksWithoutWork = works || !told ? 0 : looksWithoutWork + 1;
    if (looksWithoutWork >= LOOKS_TO_BE_SURE) {
      LOG.atWarn()
          .addKeyValue("commit-ts", work.ddl.commitTs())
          .addKeyValue("connection", work.ddl.connection())
          .log("ddl answer lost, its connection is given up");
      work.session.giveUp();
    }
  }

  /** Empty where a connection may be at any of several servers: TiDB's list is of one. */
  private String server(SqlSession session) throws SQLException {
    if (connector.dialect().isTiDb()) {
      return "";
    }
    return session.query("select concat(@@hostname, ':', @@port, '/', @@server_id)").get(0).get(0);
  }
}
