package org.tidbbinlog.tools.differ;

import java.time.Duration;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.translate.TranslateSettings;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.Columns;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.Detection;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.Dispatch;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.OnDivergence;
import org.tidbbinlog.sinks.mysql.MysqlTargetSettings.SafeMode;
import org.tidbbinlog.testkit.workload.WorkloadSpec;

/**
 * What a seed decides beside the load's own chance.
 *
 * @param steps of the load at least; it ends where no DDL is under way
 * @param eagerBytes transactions up to this size are decoded ahead
 * @param restarts how often the sink is torn down and resumed on the way
 */
record CasePlan(
    long seed,
    int steps,
    WorkloadSpec spec,
    int workers,
    int batch,
    Dispatch dispatch,
    SafeMode safeMode,
    Columns columns,
    OnDivergence onDivergence,
    long maxInFlightBytes,
    int eagerBytes,
    int restarts) {
  private static final int[] WORKERS = {1, 2, 3, 4, 8, 16, 32};
  private static final int[] BATCHES = {1, 2, 5, 20, 100, 500};
  private static final Duration RETRY_LIMIT = Duration.ofSeconds(30);
  private static final int ALL_AHEAD = 256 << 10;

  static CasePlan of(long seed) {
    RandomGenerator random = random(seed);
    boolean big = random.nextInt(20) == 0;
    int tables = 1 + random.nextInt(6);
    WorkloadSpec spec =
        new WorkloadSpec(
            1 + random.nextInt(2),
            tables,
            big ? 200 : 1 + random.nextInt(6),
            1 + random.nextInt(5),
            big ? 1000 : 5 + random.nextInt(60),
            random.nextInt(4) == 0 ? 0 : 3 + random.nextInt(20),
            0,
            0,
            random.nextInt(8) == 0
                ? WorkloadSpec.Tables.WITHOUT_KEY
                : WorkloadSpec.Tables.ANY_KIND);
    return new CasePlan(
        seed,
        big ? 40 : 20 + random.nextInt(100),
        spec,
        WORKERS[random.nextInt(WORKERS.length)],
        BATCHES[random.nextInt(BATCHES.length)],
        random.nextInt(5) == 0 ? Dispatch.TRANSACTIONS : Dispatch.ROWS,
        random.nextInt(6) == 0 ? SafeMode.ON : SafeMode.OFF,
        random.nextInt(8) == 0 ? Columns.PARTIAL : Columns.FULL,
        random.nextInt(6) == 0 ? OnDivergence.STOP : OnDivergence.WARN,
        random.nextInt(10) == 0 ? 64 << 10 : 64 << 20,
        random.nextInt(4) == 0 ? 0 : ALL_AHEAD,
        random.nextInt(3) == 0 ? 1 + random.nextInt(4) : 0);
  }

  /** Chance of a case that is not its load's. */
  static RandomGenerator random(long seed) {
    return RandomGeneratorFactory.of("L64X128MixRandom").create(~seed);
  }

  MysqlTargetSettings settings(MysqlTargetSettings target) {
    return target
        .withWorkers(workers, batch)
        .withDispatch(dispatch, Detection.ON)
        .withModes(safeMode, columns, onDivergence)
        .withLimits(maxInFlightBytes, RETRY_LIMIT);
  }

  TranslateSettings translation() {
    return new TranslateSettings(Set.of(), SinkItem.Execution.EXECUTE, eagerBytes);
  }

  String text() {
    return "workers=%d batch=%d dispatch=%s safe-mode=%s columns=%s on-divergence=%s restarts=%d"
            .formatted(workers, batch, dispatch, safeMode, columns, onDivergence, restarts)
        + " tables=%dx%d".formatted(spec.databases(), spec.tablesPerDatabase());
  }
}
