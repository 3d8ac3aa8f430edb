package org.tidbbinlog.sinks.mysql;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.airlock.DdlAirlock;
import org.tidbbinlog.drainer.airlock.DdlAirlock.LeftOutRows;
import org.tidbbinlog.drainer.airlock.HeldDdl;
import org.tidbbinlog.drainer.sink.TableVersion;
import org.tidbbinlog.sinks.mysql.apply.Rest;
import org.tidbbinlog.sinks.mysql.apply.SinkCounters;
import org.tidbbinlog.sinks.mysql.apply.Turn;
import org.tidbbinlog.sinks.mysql.ddl.DdlExecutor;
import org.tidbbinlog.sinks.mysql.rows.SqlText;
import org.tidbbinlog.sinks.mysql.target.TableName;
import org.tidbbinlog.sinks.mysql.target.TargetFault;

/**
 * Rows of tables that the target does not have: what is told of them when they are held, and which
 * are left out since somebody chose so, until the target has such a table. Under the gate's lock.
 */
final class MissingTables {
  private static final Logger log = LoggerFactory.getLogger(MissingTables.class);
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
  private final DdlExecutor executor;
  private final SinkCounters counters;
  private final Clock clock;
  private final Map<String, LeftOut> leftOut = new HashMap<>();
  private final List<LeftOutRows> ended = new ArrayList<>();

  MissingTables(DdlAirlock airlock, DdlExecutor executor, SinkCounters counters, Clock clock) {
    this.airlock = airlock;
    this.executor = executor;
    this.counters = counters;
    this.clock = clock;
    for (LeftOutRows rows : airlock.leftOutRows()) {
      if (rows.untilExclusive().equals(Tso.MAX)) {
        leftOut.put(rows.table(), new LeftOut(rows.from(), now()));
      } else {
        ended.add(rows);
      }
    }
  }

  private long now() {
    return clock.nanoTime();
  }

  private static String key(TableName name) {
    return SqlText.name(name.schema(), name.table());
  }

  /** Of a table whose rows nothing else keeps waiting, in a transaction. */
  Turn turn(TableName name, Tso commitTs) {
    if (leftOut.isEmpty() && ended.isEmpty()) {
      return Turn.GOES;
    }
    String key = key(name);
    // After a crash the stream comes again: what was left out then would now come too late.
    if (ended.stream().anyMatch(rows -> rows.table().equals(key) && rows.contains(commitTs))) {
      return Turn.LEFT_OUT;
    }
    LeftOut left = leftOut.get(key);
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
  void takeAgain(Set<TableName> found, Tso commitTs) {
    for (TableName name : found) {
      LeftOut left = leftOut.remove(key(name));
      if (left != null) {
        airlock.takeAgain(commitTs, key(name));
        ended.add(new LeftOutRows(key(name), left.since, commitTs));
        log.atWarn()
            .addKeyValue("table", name)
            .addKeyValue("rows-left-out", left.rows)
            .log("target has the table now, its rows are no longer left out");
      }
    }
  }

  private void count(TableName name, int rows) {
    counters.leftOut(rows);
    LeftOut left = leftOut.get(key(name));
    if (left == null) {
      return;
    }
    left.rows += rows;
    if (now() - left.tellAtNs >= 0) {
      left.tellAtNs = now() + TOLD_EVERY.toNanos();
      log.atWarn()
          .addKeyValue("table", name)
          .addKeyValue("rows", left.rows)
          .addKeyValue("since", left.since)
          .log("rows left out as chosen: the target has no such table");
    }
  }

  /** Somebody chose to do without their rows. */
  void leaveOut(Tso commitTs, Collection<TableName> names) {
    for (TableName name : names) {
      airlock.leaveOut(commitTs, key(name));
      LeftOut left = new LeftOut(commitTs, now());
      left.lookAtNs = now() + LOOKED_EVERY.toNanos();
      leftOut.put(key(name), left);
    }
  }

  /**
   * Runs what somebody wrote to make them.
   *
   * @return why the target refused; empty when it did not
   */
  String make(Rest rest, String statements) throws InterruptedException {
    try {
      executor.runAsWritten(first(rest).schema(), statements);
      return "";
    } catch (SQLException e) {
      return TargetFault.brief(e);
    }
  }

  private static TableVersion first(Rest rest) {
    return rest.missing().values().iterator().next();
  }

  /**
   * @param refused why a statement that was to make them failed; may be empty
   */
  HeldDdl held(Tso commitTs, Rest rest, String refused) {
    String names =
        rest.missing().values().stream()
            .map(table -> SqlText.name(table.schema(), table.table()))
            .sorted()
            .collect(Collectors.joining(", "));
    List<String> tables = rest.waiting().stream().map(TableName::toString).sorted().toList();
    return new HeldDdl(
        commitTs,
        0,
        "rows of " + names,
        first(rest).schema(),
        tables,
        0,
        0,
        "",
        HeldDdl.Reason.NO_TABLE,
        (refused.isEmpty() ? "" : "the replacement is refused: " + refused + "; ")
            + "the target has no table "
            + names);
  }
}
