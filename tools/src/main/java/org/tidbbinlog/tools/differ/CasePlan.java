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
import org.tidbbinlog.testkit.workload.DdlKinds;
import org.tidbbinlog.testkit.workload.WorkloadSpec;

/**
 * What a seed decides beside the load's own chance.
 *
 * @param steps of the load at least; it ends where no DDL is under way
 * @param eagerBytes transactions up to this size are decoded ahead
 * @param restarts how often the sink is torn down and resumed on the way
 * @param network between sink and target
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
    int restarts,
    Network network) {
  /** What lies between sink and target. */
  enum Network {
    DIRECT,
    /** Each target transaction is held up for a while, so that workers overtake one another. */
    UNEVEN,
    /** And now and then a connection is cut, at any step of a transaction. */
    CUT
  }

  static final long FIRST_WITH_ALL_DDL = 2_000;
  static final long FIRST_WITH_EVERY_DDL = 4_000;

  static final long FIRST_WITH_NEAR_KEYS = 6_000;

  private static final int[] WORKERS = {1, 2, 3, 4, 8, 16, 32};
  private static final int[] BATCHES = {1, 2, 5, 20, 100, 500};
  private static final Duration RETRY_LIMIT = Duration.ofSeconds(30);
  private static final Duration KEEP_DROPPED = Duration.ofHours(24);
  private static final int ALL_AHEAD = 256 << 10;

  static CasePlan of(long seed) {
    RandomGenerator random = random(seed);
    if (hasNearKeys(seed)) {
      return ofNearKeys(seed, random);
    }
    Load load = Load.of(random.nextInt(20));
    Network network = Network.values()[Math.max(0, random.nextInt(6) - 3)];
    return new CasePlan(
        seed,
        load.steps(random),
        load.spec(random),
        WORKERS[random.nextInt(WORKERS.length)],
        load.batch(random),
        random.nextInt(5) == 0 ? Dispatch.TRANSACTIONS : Dispatch.ROWS,
        random.nextInt(6) == 0 ? SafeMode.ON : SafeMode.OFF,
        random.nextInt(8) == 0 ? Columns.PARTIAL : Columns.FULL,
        random.nextInt(6) == 0 ? OnDivergence.STOP : OnDivergence.WARN,
        random.nextInt(10) == 0 ? 64 << 10 : 64 << 20,
        random.nextInt(4) == 0 ? 0 : ALL_AHEAD,
        random.nextInt(3) == 0 ? 1 + random.nextInt(4) : 0,
        network);
  }

  /**
   * Every fifth of the newer seeds: a few values that are written in many ways go from row to row,
   * and workers overtake one another, so that two ways to write one value meet on two workers.
   */
  private static boolean hasNearKeys(long seed) {
    return seed >= FIRST_WITH_NEAR_KEYS && seed % 5 == 1;
  }

  private static CasePlan ofNearKeys(long seed, RandomGenerator random) {
    return new CasePlan(
        seed,
        600,
        new WorkloadSpec(1, 1 + random.nextInt(2), 2, 2, 6, 0, 0, 0, WorkloadSpec.Tables.NEAR_KEYS),
        WORKERS[3 + random.nextInt(4)],
        BATCHES[random.nextInt(2)],
        Dispatch.ROWS,
        SafeMode.OFF,
        Columns.FULL,
        OnDivergence.WARN,
        64 << 20,
        random.nextInt(4) == 0 ? 0 : ALL_AHEAD,
        random.nextInt(6) == 0 ? 1 : 0,
        Network.UNEVEN);
  }

  /** What loads are like. */
  private enum Load {
    USUAL,
    /** Few rows, changed again and again. */
    HOT,
    /** Statements of hundreds of rows. */
    BIG;

    static Load of(int chance) {
      return chance == 0 ? BIG : chance < 7 ? HOT : USUAL;
    }

    int batch(RandomGenerator random) {
      return switch (this) {
        case USUAL -> BATCHES[random.nextInt(BATCHES.length)];
        case HOT -> BATCHES[random.nextInt(3)];
        case BIG -> BATCHES[3 + random.nextInt(3)];
      };
    }

    int steps(RandomGenerator random) {
      return switch (this) {
        case USUAL -> 20 + random.nextInt(100);
        case HOT -> 200 + random.nextInt(100);
        case BIG -> 40;
      };
    }

    WorkloadSpec spec(RandomGenerator random) {
      return new WorkloadSpec(
          this == HOT ? 1 : 1 + random.nextInt(2),
          1 + random.nextInt(this == HOT ? 2 : 6),
          this == BIG ? 200 : 1 + random.nextInt(this == HOT ? 2 : 6),
          1 + random.nextInt(this == HOT ? 2 : 5),
          this == BIG ? 1000 : 4 + random.nextInt(this == HOT ? 8 : 60),
          this == HOT || random.nextInt(4) == 0 ? random.nextInt(3) : 3 + random.nextInt(20),
          0,
          0,
          random.nextInt(8) == 0 ? WorkloadSpec.Tables.WITHOUT_KEY : WorkloadSpec.Tables.ANY_KIND);
    }
  }

  /** Seeds that planted differences are found with go on meaning what they did. */
  DdlKinds ddlKinds() {
    if (seed < FIRST_WITH_EVERY_DDL) {
      return seed < FIRST_WITH_ALL_DDL ? DdlKinds.USUAL : DdlKinds.ALL;
    }
    return DdlKinds.EVERY;
  }

  /** Chance of a case that is not its load's. */
  static RandomGenerator random(long seed) {
    return RandomGeneratorFactory.of("L64X128MixRandom").create(~seed);
  }

  /** How far the Drainer can see: a slow one finds jobs in the history before their binlogs. */
  enum Sight {
    ALL_JOBS,
    JOBS_SO_FAR
  }

  Sight sight() {
    return seed < FIRST_WITH_EVERY_DDL || seed % 2 == 0 ? Sight.ALL_JOBS : Sight.JOBS_SO_FAR;
  }

  /** Where a sink that is started again learns the structure from. */
  enum Restart {
    FROM_HISTORY,
    /** {@code load-schema-snapshot}. */
    FROM_SNAPSHOT
  }

  Restart restart() {
    return seed >= FIRST_WITH_NEAR_KEYS && seed % 3 == 2
        ? Restart.FROM_SNAPSHOT
        : Restart.FROM_HISTORY;
  }

  /** What was dropped must still be there when it is recovered. */
  private Duration keepDropped() {
    return ddlKinds() == DdlKinds.EVERY ? KEEP_DROPPED : Duration.ZERO;
  }

  MysqlTargetSettings settings(MysqlTargetSettings target) {
    return target
        .withKeepDropped(keepDropped())
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
        + " network="
        + network
        + (keepDropped().isZero() ? "" : " keep-dropped sight=" + sight())
        + (restarts > 0 && restart() == Restart.FROM_SNAPSHOT ? " load-schema-snapshot" : "")
        + " tables=%dx%d".formatted(spec.databases(), spec.tablesPerDatabase());
  }
}
