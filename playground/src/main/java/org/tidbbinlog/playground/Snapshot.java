package org.tidbbinlog.playground;

import java.time.Duration;
import java.util.List;

/**
 * What the live view shows at one moment.
 *
 * @param applied transactions that the Drainer says are at the target
 * @param lag how far the target is behind the newest commit
 */
record Snapshot(
    Phase phase,
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

  /** Where the run is. */
  enum Phase {
    STARTING,
    RUNNING,
    /** Nothing more is written. */
    CATCHING_UP,
    STOPPING
  }

  /**
   * One node.
   *
   * @param state as registered, or what its process does
   * @param waiting transactions in it that wait for something
   * @param applying how far the transaction is that takes long, or empty
   */
  record NodeLine(String id, String address, String state, long waiting, String applying) {}
}
