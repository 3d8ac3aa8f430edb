package org.tidbbinlog.sinks.mysql;

import java.sql.SQLException;
import java.util.function.Function;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.sinks.mysql.WaitingItems.Waiting;
import org.tidbbinlog.sinks.mysql.apply.ApplyEngine;
import org.tidbbinlog.sinks.mysql.apply.PendingItem;
import org.tidbbinlog.sinks.mysql.apply.Rest;
import org.tidbbinlog.sinks.mysql.apply.Turn;
import org.tidbbinlog.sinks.mysql.ddl.DdlReach;
import org.tidbbinlog.sinks.mysql.target.TableName;

/**
 * Which rows of a transaction go to the workers now, which wait, and which are left out. Under the
 * gate's lock.
 */
final class HandOver {
  private final ApplyEngine engine;
  private final MissingTables missing;

  HandOver(ApplyEngine engine, MissingTables missing) {
    this.engine = engine;
    this.missing = missing;
  }

  /** Nothing waits before it. */
  Rest all(PendingItem pending, SinkItem.Transaction item)
      throws InterruptedException, SQLException {
    return rows(pending, item, name -> missing.turn(name, item.commitTs()));
  }

  /** Rows of some tables wait before it. */
  Rest around(DdlReach blocked, PendingItem pending, SinkItem.Transaction item)
      throws InterruptedException, SQLException {
    return rows(
        pending,
        item,
        name -> blocked.contains(name) ? Turn.WAITS : missing.turn(name, item.commitTs()));
  }

  /** What still waits of it, around rows of some tables. */
  Rest again(Waiting next, DdlReach ahead) throws InterruptedException, SQLException {
    return rows(
        next.pending(),
        (SinkItem.Transaction) next.item(),
        name ->
            !next.tables().contains(name)
                ? Turn.WENT
                : ahead.contains(name) ? Turn.WAITS : missing.turn(name, next.item().commitTs()));
  }

  /** All of it waits that is not in the target. */
  Rest nothing(PendingItem pending, SinkItem.Transaction item)
      throws InterruptedException, SQLException {
    return engine.apply(pending, item, name -> Turn.WAITS);
  }

  private Rest rows(PendingItem pending, SinkItem.Transaction item, Function<TableName, Turn> turns)
      throws InterruptedException, SQLException {
    Rest rest = engine.apply(pending, item, turns);
    missing.saw(rest);
    if (rest.found().isEmpty()) {
      return rest;
    }
    missing.takeAgain(rest.found(), item.commitTs());
    Rest rows =
        engine.apply(
            pending, item, name -> rest.waiting().contains(name) ? turns.apply(name) : Turn.WENT);
    missing.saw(rows);
    return rows;
  }
}
