package org.tidbbinlog.sinks.mysql.apply;

import java.util.HashSet;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.tidbbinlog.drainer.sink.TableVersion;
import org.tidbbinlog.sinks.mysql.target.TableName;

/**
 * Which rows of a transaction go now, and which tables have rows that wait. One use, one thread.
 */
final class PartOfTables implements Predicate<TableVersion> {
  private final Function<TableName, Turn> turns;
  private final Set<TableName> all = new HashSet<>();
  private final Set<TableName> left = new HashSet<>();
  private @Nullable TableVersion last;
  private boolean lastGoes;

  PartOfTables(Function<TableName, Turn> turns) {
    this.turns = turns;
  }

  /** Rows of one table mostly come one after the other. */
  @Override
  @SuppressWarnings("ReferenceEquality")
  public boolean test(TableVersion table) {
    if (table != last) {
      TableName name = TableName.of(table);
      Turn turn = turns.apply(name);
      lastGoes = turn == Turn.GOES;
      all.add(name);
      if (turn == Turn.WAITS) {
        left.add(name);
      }
      last = table;
    }
    return lastGoes;
  }

  /** Tables with rows that wait. */
  Set<TableName> left() {
    return Set.copyOf(left);
  }

  Set<TableName> all() {
    return Set.copyOf(all);
  }
}
