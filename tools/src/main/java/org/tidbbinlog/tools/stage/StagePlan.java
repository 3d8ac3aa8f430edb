package org.tidbbinlog.tools.stage;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.tidbbinlog.tools.compare.TargetAddress;

/**
 * What a {@link Stage} consists of.
 *
 * @param dir data and logs of every process
 * @param clusterId unsigned
 * @param target an existing target; empty = an embedded MariaDB
 * @param portBase first of the ports to use (PD +0, TiKV +1, target +2, Drainer +9, Pumps from
 *     +10); 0 = free ones
 * @param pumps for how many the ports must be free at the start
 * @param nodeJvm arguments of the JVMs of Pumps and Drainer
 * @param syncer lines for the section {@code [syncer]} of the Drainer's configuration
 */
public record StagePlan(
    Path dir,
    long clusterId,
    Optional<TargetAddress> target,
    int portBase,
    int pumps,
    List<String> nodeJvm,
    List<String> syncer) {
  public StagePlan {
    nodeJvm = List.copyOf(nodeJvm);
    syncer = List.copyOf(syncer);
  }

  /** Everything embedded, on free ports. */
  public static StagePlan in(Path dir, long clusterId) {
    return new StagePlan(
        dir,
        clusterId,
        Optional.empty(),
        0,
        1,
        List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"),
        List.of());
  }

  public StagePlan withTarget(Optional<TargetAddress> existing) {
    return new StagePlan(dir, clusterId, existing, portBase, pumps, nodeJvm, syncer);
  }

  /** Fixed ports, for this many Pumps; base 0 = free ones. */
  public StagePlan withPorts(int base, int wantedPumps) {
    return new StagePlan(dir, clusterId, target, base, wantedPumps, nodeJvm, syncer);
  }

  public StagePlan withNodeJvm(List<String> arguments) {
    return new StagePlan(dir, clusterId, target, portBase, pumps, arguments, syncer);
  }

  public StagePlan withSyncer(List<String> lines) {
    return new StagePlan(dir, clusterId, target, portBase, pumps, nodeJvm, lines);
  }
}
