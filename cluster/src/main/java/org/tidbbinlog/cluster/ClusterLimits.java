package org.tidbbinlog.cluster;

import java.time.Duration;
import org.tidbbinlog.cluster.pd.PdLimits;

/**
 * Time limits and sizes of a connection.
 *
 * @param etcd one registry operation, over all members and tries
 * @param etcdSilence a watch that heard nothing asks for a sign of life this often
 * @param etcdSyncPeriod how often the etcd member list is read
 * @param tikv one read, without the time that it waits for living locks
 * @param scanPage keys a scan request
 */
public record ClusterLimits(
    PdLimits pd,
    Duration etcd,
    Duration etcdSilence,
    Duration etcdSyncPeriod,
    Duration tikv,
    int scanPage) {
  public static ClusterLimits defaults() {
    return new ClusterLimits(
        PdLimits.defaults(),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10),
        Duration.ofSeconds(30),
        Duration.ofSeconds(20),
        128);
  }

  public ClusterLimits withPd(PdLimits other) {
    return new ClusterLimits(other, etcd, etcdSilence, etcdSyncPeriod, tikv, scanPage);
  }
}
