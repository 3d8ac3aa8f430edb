package org.tidbbinlog.sinks.relay;

import org.tidbbinlog.base.Tso;

/**
 * What the head of a file says.
 *
 * @param clusterId PD cluster id of the upstream
 * @param previousLast commit timestamp of the last item of the file before; zero without one
 * @param after the file's items begin behind this commit timestamp: {@code previousLast}, or the
 *     checkpoint that the run began from which made the file
 * @param version of the format
 */
record RelayHead(long clusterId, Tso previousLast, Tso after, long version) {
  static RelayHead chained(long clusterId, Tso previousLast, Tso after) {
    return new RelayHead(clusterId, previousLast, after, RelayFile.VERSION);
  }

  /** Before there is one, and of files that tell nothing of the others. */
  static RelayHead unchained(long clusterId) {
    return new RelayHead(clusterId, Tso.ZERO, Tso.ZERO, RelayFile.UNCHAINED_VERSION);
  }

  boolean isChained() {
    return version != RelayFile.UNCHAINED_VERSION;
  }
}
