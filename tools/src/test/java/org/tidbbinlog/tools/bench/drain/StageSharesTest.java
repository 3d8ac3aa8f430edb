package org.tidbbinlog.tools.bench.drain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import org.junit.jupiter.api.Test;

class StageSharesTest {
  @Test
  void shares_areOfTheSumOfAllStages() {
    StageShares shares =
        StageShares.of(
                """
                binlog_drainer_stage_duration_seconds_sum{stage="merged"} 1
                binlog_drainer_stage_duration_seconds_sum{stage="translated"} 1
                binlog_drainer_stage_duration_seconds_sum{stage="submitted"} 2
                binlog_drainer_stage_duration_seconds_sum{stage="applied"} 5
                binlog_drainer_stage_duration_seconds_sum{stage="acknowledged"} 1
                binlog_drainer_execute_duration_time_count 40
                binlog_drainer_execute_duration_time_sum 8.5
                """)
            .orElseThrow();

    assertThat(shares.time()).contains(entry("applied", 0.5), entry("merged", 0.1));
    assertThat(shares.targetTransactions()).isEqualTo(40);
    assertThat(shares.targetSeconds()).isEqualTo(8.5);
  }

  @Test
  void metricsOfAnotherProgram_haveNoShares() {
    assertThat(StageShares.of("binlog_drainer_event{type=\"Insert\"} 3\n")).isEmpty();
  }
}
