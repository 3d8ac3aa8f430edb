package org.tidbbinlog.tools.replay;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.tidbbinlog.tools.compare.TargetAddress;

/**
 * What to play and how.
 *
 * @param expect file with the truth to compare with
 * @param dir data and logs of all processes
 * @param portBase see {@link org.tidbbinlog.tools.stage.StagePlan}; 0 = free ports
 * @param seed draws the order of records
 * @param syncer lines for the section {@code [syncer]} of the Drainer's configuration
 */
public record ReplayOptions(
    Path capture,
    int pumps,
    int writers,
    Optional<TargetAddress> target,
    Optional<Path> expect,
    Path dir,
    int portBase,
    long seed,
    List<String> syncer) {

  public ReplayOptions {
    syncer = List.copyOf(syncer);
  }

  public ReplayOptions withTarget(TargetAddress existing) {
    return new ReplayOptions(
        capture, pumps, writers, Optional.of(existing), expect, dir, portBase, seed, syncer);
  }

  public ReplayOptions withSyncer(String... lines) {
    return new ReplayOptions(
        capture, pumps, writers, target, expect, dir, portBase, seed, List.of(lines));
  }
}
