package org.tidbbinlog.tools.replay;

import java.nio.file.Path;
import java.util.Optional;
import org.tidbbinlog.tools.compare.TargetAddress;

/**
 * What to play and how.
 *
 * @param expect file with the truth to compare with
 * @param dir data and logs of all processes
 * @param portBase see {@link org.tidbbinlog.tools.stage.StagePlan}; 0 = free ports
 * @param seed draws the order of records
 */
public record ReplayOptions(
    Path capture,
    int pumps,
    int writers,
    Optional<TargetAddress> target,
    Optional<Path> expect,
    Path dir,
    int portBase,
    long seed) {}
