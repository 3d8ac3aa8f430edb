package org.tidbbinlog.pump.server;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.pump.storage.BinlogStore;
import org.tidbbinlog.pump.storage.StoreStats;

/** The background jobs of a running Pump. Source: pump section 8. */
final class PumpLoops implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PumpLoops.class);
  private static final Duration SPACE = Duration.ofSeconds(3);
  private static final Duration INFO = Duration.ofSeconds(10);
  private static final Duration GC = Duration.ofHours(1);
  private static final Duration LAG = Duration.ofMinutes(10);

  private final List<Loop> loops = new ArrayList<>();
  private final Loop gc;

  /** What the loops drive. */
  record Jobs(
      Registration registration,
      PumpState state,
      FakeBinlogs fakes,
      SpaceWatch space,
      GarbageSchedule garbage,
      LagCheck lag,
      BinlogStore store,
      PullService pulls) {}

  PumpLoops(Jobs jobs, PumpSettings settings, Clock clock) {
    start(
        "heartbeat",
        settings.heartbeatInterval(),
        clock,
        () -> jobs.registration.beat(jobs.state::current));
    start("fake", settings.fakeInterval(), clock, jobs.fakes::maybeWrite);
    start("space", SPACE, clock, jobs.space::measure);
    start("info", INFO, clock, () -> info(jobs));
    start("lag", LAG, clock, jobs.lag::check);
    gc = start("gc", GC, clock, jobs.garbage::collect);
  }

  private Loop start(String name, Duration period, Clock clock, Loop.Job job) {
    Loop loop = Loop.every(name, period, clock, job);
    loops.add(loop);
    return loop;
  }

  private static void info(Jobs jobs) {
    StoreStats stats = jobs.store.stats();
    LOG.atInfo()
        .addKeyValue("writeBinlogCount", stats.appendedRecords())
        .addKeyValue("alivePullerCount", jobs.pulls.openStreams())
        .addKeyValue("MaxCommitTS", stats.maxCommitTs())
        .log("server info tick");
  }

  /** False when a collection is running or asked for already. */
  boolean tryTriggerGc() {
    return gc.tryWake();
  }

  @Override
  public void close() {
    loops.forEach(Loop::close);
  }
}
