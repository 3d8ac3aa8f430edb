package org.tidbbinlog.tools.bench.drain;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tidbbinlog.testkit.metrics.Exposition;

/**
 * What our Drainer's own clocks say at the end of a run.
 *
 * @param time share of an item's way that each stage took, waiting included
 * @param targetTransactions that were committed
 * @param targetSeconds that workers waited for the target, added up
 */
record StageShares(Map<String, Double> time, long targetTransactions, double targetSeconds) {
  private static final String STAGE = "binlog_drainer_stage_duration_seconds_sum{stage=\"%s\"}";
  private static final String EXECUTED = "binlog_drainer_execute_duration_time_";
  private static final List<String> STAGES =
      List.of("merged", "translated", "submitted", "applied", "acknowledged");

  StageShares {
    time = Map.copyOf(time);
  }

  /** Empty when these are not our metrics. */
  static Optional<StageShares> of(String metrics) {
    Exposition read = Exposition.read(metrics);
    Map<String, Double> seconds = new LinkedHashMap<>();
    double all = 0;
    for (String stage : STAGES) {
      double sum = read.value(STAGE.formatted(stage));
      if (Double.isNaN(sum)) {
        return Optional.empty();
      }
      seconds.put(stage, sum);
      all += sum;
    }
    double divisor = Math.max(all, 1e-9);
    seconds.replaceAll((stage, sum) -> sum / divisor);
    return Optional.of(
        new StageShares(
            seconds, (long) read.value(EXECUTED + "count"), read.value(EXECUTED + "sum")));
  }
}
