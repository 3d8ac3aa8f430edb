package org.tidbbinlog.sinks.mysql.apply;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.tidbbinlog.drainer.sink.TableVersion;
import org.tidbbinlog.sinks.mysql.target.TableName;

/**
 * What was not handed over of a transaction, and what was seen on the way.
 *
 * @param waiting tables whose rows wait, those of {@code missing} among them; all of a transaction
 *     that is kept together
 * @param missing those of which the target has no table
 * @param leftOut rows that are done without, by table
 * @param found of {@code waiting}, those that were left out before and that the target has now
 */
public record Rest(
    Set<TableName> waiting,
    Map<TableName, TableVersion> missing,
    Map<TableName, Integer> leftOut,
    Set<TableName> found) {
  public Rest {
    waiting = Set.copyOf(waiting);
    missing = Map.copyOf(missing);
    leftOut = Map.copyOf(leftOut);
    found = Set.copyOf(found);
  }

  /** Rows of these tables were left out, and told so, before. */
  Rest exceptLeftOut(Set<TableName> tables) {
    if (tables.isEmpty()) {
      return this;
    }
    Map<TableName, Integer> others = new HashMap<>(leftOut);
    others.keySet().removeAll(tables);
    return new Rest(waiting, missing, others, found);
  }
}
