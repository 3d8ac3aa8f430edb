package org.tidbbinlog.drainer.sink;

import java.util.Map;
import org.tidbbinlog.base.Tso;

/**
 * How far a target is. Source: drainer section 6.
 *
 * @param consistent true only after an orderly exit
 * @param tsMap {@code primary-ts} and {@code secondary-ts}, or empty
 */
public record Checkpoint(
    boolean consistent, Tso commitTs, Map<String, Long> tsMap, long schemaVersion) {
  public Checkpoint {
    tsMap = Map.copyOf(tsMap);
  }
}
