package org.tidbbinlog.sinks.mysql;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.airlock.DdlAirlock;
import org.tidbbinlog.drainer.airlock.DdlAirlock.LeftOutRows;
import org.tidbbinlog.sinks.mysql.apply.Rest;
import org.tidbbinlog.sinks.mysql.apply.SinkCounters;
import org.tidbbinlog.sinks.mysql.apply.Turn;
import org.tidbbinlog.sinks.mysql.target.TableName;

/**
 * Tables that the target does not have: rows of which are left out since somebody chose so, until
 * the target has such a table. Under the gate's lock.
 */
final class MissingTables {
  private static final Logger LOG = LoggerFactory.getLogger(MissingTables.class);
  private static final Duration LOOKED_EVERY = Duration.ofSeconds(1);
  private static final Duration TOLD_EVERY = Duration.ofSeconds(10);

  /** A table whose rows are left out. */
  private static final class LeftOut {
    final Tso since;
    long rows;
    long lookAtNs;
    long tellAtNs;

    LeftOut(Tso since, long nowNs) {
      this.since = since;
      this.lookAtNs = nowNs;
      this.tellAtNs = nowNs;
    }
  }

  private final DdlAirlock airlock;
  private final SinkCounters counters;
  private final Clock clock;
  private final Supplier<Tso> watermark;
  private final Map<TableName, LeftOut> leftOut = new HashMap<>();
  private final EndedSkips ended = new EndedSkips();

  /**
   * @param watermark up to where nothing is handed over any more
   */
  MissingTables(DdlAirlock airlock, SinkCounters counters, Clock clock, Supplier<Tso> watermark) {
    this.airlock = airlock;
    this.counters = counters;
    this.clock = clock;
    this.watermark = watermark;
    airlock.leftOutRows(watermark.get()).forEach(this::remember);
  }

  private void remember(LeftOutRows rows) {
    Optional<TableName> table = TableName.ofQuoted(rows.table());
    if (table.isEmpty()) {
      LOG.atWarn().addKeyValue("table", rows.table()).log("rows left out of no table, not heeded");
    } else if (rows.untilExclusive().equals(Tso.MAX)) {
      leftOut.put(table.get(), new LeftOut(rows.from(), now()));
    } else {
      ended.add(table.get(), rows.from(), rows.untilExclusive());
    }
  }

  /** Skips that have ended and are still of use. */
  int endedSkips() {
    return ended.size();
  }

  private long now() {
    return clock.nanoTime();
  }

  /** Of a table whose rows nothing else keeps waiting, in a transaction. */
  Turn turn(TableName name, Tso commitTs) {
    if (leftOut.isEmpty() && ended.isEmpty()) {
      return Turn.GOES;
    }
    ended.forgetUpTo(watermark.get());
    // After a crash the stream comes again: what was left out then would now come too late.
    if (ended.contains(name, commitTs)) {
      return Turn.LEFT_OUT;
    }
    LeftOut left = leftOut.get(name);
    if (left == null || left.since.isAfter(commitTs)) {
      return Turn.GOES;
    }
    if (now() - left.lookAtNs < 0) {
      return Turn.LEFT_OUT;
    }
    left.lookAtNs = now() + LOOKED_EVERY.toNanos();
    return Turn.WAITS_ELSE_LEFT_OUT;
  }

  /** A DDL has run: it may have made a table. */
  void lookAgain() {
    leftOut.values().forEach(left -> left.lookAtNs = now());
  }

  /** Counts what was left out. */
  void saw(Rest rest) {
    rest.leftOut().forEach(this::count);
  }

  /** The target has them: rows are taken from this transaction on, which is kept before it acts. */
  void takeAgain(Set<TableName> found, Tso commitTs) throws InterruptedException {
    for (TableName name : found) {
      LeftOut left = leftOut.remove(name);
      if (left != null) {
        airlock.takeAgain(commitTs, name.quoted());
        ended.add(name, left.since, commitTs);
        LOG.atWarn()
            .addKeyValue("table", name)
            .addKeyValue("rows-left-out", left.rows)
            .log("target has the table now, its rows are no longer left out");
      }
    }
  }

  private void count(TableName name, int rows) {
    counters.leftOut(rows);
    LeftOut left = leftOut.get(name);
    if (left == null) {
      return;
    }
    left.rows += rows;
    if (now() - left.tellAtNs >= 0) {
      left.tellAtNs = now() + TOLD_EVERY.toNanos();
      LOG.atWarn()
          .addKeyValue("table", name)
          .addKeyValue("rows", left.rows)
          .addKeyValue("since", left.since)
          .log("rows left out as chosen: the target has no such table");
    }
  }

  /** Somebody chose to do without their rows. */
  void leaveOut(Tso commitTs, Collection<TableName> names) throws InterruptedException {
    for (TableName name : names) {
      airlock.leaveOut(commitTs, name.quoted());
      LeftOut left = new LeftOut(commitTs, now());
      left.lookAtNs = now() + LOOKED_EVERY.toNanos();
      leftOut.put(name, left);
    }
  }
}
