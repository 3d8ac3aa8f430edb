package org.tidbbinlog.pump.storage;

import java.time.Duration;
import java.util.List;
import org.tidbbinlog.base.Tso;

/**
 * A Prewrite that waits for its Commit, as an operator wants to see it.
 *
 * @param waited since the sorter met it
 * @param tableIds tables it changes, empty for DDL
 * @param ddlQuery empty unless DDL
 * @param state what is known, e.g. why TiKV has not decided
 */
public record Dangling(
    Tso startTs,
    Duration waited,
    List<Long> tableIds,
    String ddlQuery,
    String primaryKeyHex,
    String state) {
  public Dangling {
    tableIds = List.copyOf(tableIds);
  }
}
