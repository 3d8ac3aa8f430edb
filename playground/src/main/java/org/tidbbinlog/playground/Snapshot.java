package org.tidbbinlog.playground;

import java.time.Duration;
import java.util.List;

/**
 * What the live view shows at one moment.
 *
 * @param lag how far the target is behind the newest commit
 */
record Snapshot(
    Duration running,
    double inPerSecond,
    double outPerSecond,
    long committed,
    long applied,
    long rolledBack,
    Duration lag,
    List<NodeLine> nodes,
    String lastDdl) {
  Snapshot {
    nodes = List.copyOf(nodes);
  }

  /** One node as registered. */
  record NodeLine(String id, String address, String state) {}
}
