package org.tidbbinlog.sinks.mysql.apply;

import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.tidbbinlog.drainer.sink.TableVersion;
import org.tidbbinlog.sinks.mysql.target.TableName;

/**
 * Which rows of a transaction go now, which tables have rows that wait, and which rows are left
 * out. Each table's turn is asked for once. One use, one thread.
 */
final class PartOfTables implements RowSource.Wanted {
  private static final int FEW = 4;

  private final Function<TableName, Turn> turns;
  private final PendingItem pending;
  private final Presence presence;
  private final Map<TableName, Turn> decided = new HashMap<>(FEW);
  private final Set<TableName> waiting = new HashSet<>(FEW);
  private final Map<TableName, TableVersion> missing = new HashMap<>(FEW);
  private final Map<TableName, Integer> leftOut = new HashMap<>(FEW);
  private final Set<TableName> found = new HashSet<>(FEW);
  private @Nullable TableVersion last;
  private TableName lastName = TableName.of("", "");
  private Turn lastTurn = Turn.GOES;

  /** Whether the target has a table. */
  interface Presence {
    boolean isThere(TableVersion table) throws SQLException;
  }

  PartOfTables(PendingItem pending, Function<TableName, Turn> turns, Presence presence) {
    this.pending = pending;
    this.turns = turns;
    this.presence = presence;
  }

  /** Rows of one table mostly come one after the other. */
  @Override
  @SuppressWarnings("ReferenceEquality")
  public boolean isWanted(TableVersion table, int row) throws SQLException {
    if (!pending.isToGo(table, row)) {
      return false;
    }
    if (table != last) {
      lastName = TableName.of(table);
      Turn before = decided.get(lastName);
      lastTurn = before == null ? decide(lastName, table) : before;
      last = table;
    }
    if (lastTurn == Turn.LEFT_OUT) {
      leftOut.merge(lastName, 1, Integer::sum);
    }
    return lastTurn == Turn.GOES;
  }

  private Turn decide(TableName name, TableVersion table) throws SQLException {
    Turn turn = turns.apply(name);
    boolean there =
        (turn == Turn.GOES || turn == Turn.WAITS_ELSE_LEFT_OUT) && presence.isThere(table);
    if (turn == Turn.GOES && !there) {
      missing.put(name, table);
      turn = Turn.WAITS;
    }
    if (turn == Turn.WAITS_ELSE_LEFT_OUT) {
      turn = there ? Turn.WAITS : Turn.LEFT_OUT;
      if (there) {
        found.add(name);
      }
    }
    if (turn == Turn.WAITS) {
      waiting.add(name);
    }
    decided.put(name, turn);
    return turn;
  }

  Rest rest() {
    return new Rest(waiting, missing, leftOut, found);
  }

  /** All of it waits. */
  Rest nothingGoes() {
    return new Rest(decided.keySet(), missing, Map.of(), found);
  }

  boolean isAnythingWaiting() {
    return !waiting.isEmpty();
  }
}
