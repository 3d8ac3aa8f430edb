package org.tidbbinlog.tools.differ;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tidbbinlog.node.log.Logging;
import org.tidbbinlog.tools.compare.TargetAddress;

/**
 * The target equals the model, whatever the tables, the load and the modes. {@code -Dseed=N} runs
 * one seed; {@code -Ddiffer.target=mysql://…} uses that server.
 */
class DifferTest {
  private static final int FIXED_SEEDS = 60;
  private static final int FIXED_SEEDS_WITH_ALL_DDL = 30;
  private static final int FIXED_SEEDS_WITH_EVERY_DDL = 40;
  private static final int FIXED_SEEDS_WITH_NEAR_KEYS = 30;
  private static final int SOAK_SEEDS = 3000;

  @BeforeAll
  static void quiet() {
    Logging.configure("fatal");
  }

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void target_equalsTheModel_onFixedSeeds() throws Exception {
    long one = Long.getLong("seed", 0);
    run(one == 0 ? 1 : one, one == 0 ? FIXED_SEEDS : 1);
  }

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void target_equalsTheModel_withDdlOfAllKinds() throws Exception {
    run(CasePlan.FIRST_WITH_ALL_DDL, FIXED_SEEDS_WITH_ALL_DDL);
  }

  /** Also rows that come back from a drop, and rows between the states of a change. */
  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void target_equalsTheModel_withEveryActionOfDdl() throws Exception {
    run(CasePlan.FIRST_WITH_EVERY_DDL, FIXED_SEEDS_WITH_EVERY_DDL);
  }

  /** Also values written in several ways, and restarts from a snapshot of the structure. */
  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void target_equalsTheModel_withNearKeysAndSnapshots() throws Exception {
    run(CasePlan.FIRST_WITH_NEAR_KEYS, FIXED_SEEDS_WITH_NEAR_KEYS);
  }

  @Test
  @Tag("soak")
  @Timeout(value = 60, unit = TimeUnit.MINUTES)
  void target_equalsTheModel_onThousandsOfSeeds() throws Exception {
    run(1_000_000, SOAK_SEEDS);
  }

  private static void run(long first, int count) throws SQLException, InterruptedException {
    List<String> reports = new ArrayList<>();
    Optional<TargetAddress> target =
        Optional.ofNullable(System.getProperty("differ.target")).map(TargetAddress::parse);
    try (Differ differ = Differ.open(target, Differ.Telling.STORY)) {
      for (long seed = first; seed < first + count && reports.size() < 3; seed++) {
        CaseOutcome outcome = differ.run(seed);
        if (!outcome.isEqual()) {
          reports.add(outcome.report());
        }
      }
    }
    assertThat(reports).isEmpty();
  }
}
