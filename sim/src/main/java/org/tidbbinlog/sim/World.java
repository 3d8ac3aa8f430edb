package org.tidbbinlog.sim;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.tidbbinlog.pump.storage.StoreSettings;

/** Everything there is in one run: made from a seed, driven by the agenda, watched by checkers. */
final class World {
  private static final long SETTLE_NS = TimeUnit.SECONDS.toNanos(240);

  private final EventLog log;
  private final Agenda agenda;
  private final Chance chance;
  private final SimPd pd;
  private final SimTikv tikv;
  private final Network network;
  private final SimTidb tidb;
  private final Nemesis nemesis;
  private final Checks checks;
  private final StoreSettings.SyncLog syncLog;
  private final List<SimPump> pumps = new ArrayList<>();
  private final List<SimDrainer> drainers = new ArrayList<>();
  private final NavigableMap<Long, Transaction> committed = new TreeMap<>();
  private int transactions;

  World(long seed, int keepEvents) {
    log = new EventLog(keepEvents);
    agenda = new Agenda(log);
    log.clock(agenda::nowNs);
    chance = new Chance(seed);
    pd = new SimPd(new NodeClock(agenda, 0));
    tikv = new SimTikv(log, chance.between(1000, 15_000));
    network = new Network(agenda, chance);
    syncLog = chance.oneIn(8) ? StoreSettings.SyncLog.OFF : StoreSettings.SyncLog.ON;
    checks = new Checks(this);
    pd.onList(() -> pumps.forEach(pump -> pump.stages().asksRegistry()));
    tidb = new SimTidb(this, chance.between(60, 220));
    nemesis = new Nemesis(this);
    int pumpCount = chance.between(1, 3);
    for (int i = 0; i < pumpCount; i++) {
      addPump();
    }
    int drainerCount = chance.between(1, 2);
    for (int i = 1; i <= drainerCount; i++) {
      drainers.add(new SimDrainer(this, "drainer-" + i));
    }
  }

  /** A new Pump: every running Drainer knows it before it takes its first record. */
  void addPump() {
    SimPump pump =
        new SimPump(
            this,
            "pump-" + (pumps.size() + 1),
            settings(),
            Duration.ofMillis(chance.between(500, 60_000)),
            chance.oneIn(2) ? 0 : 1 << chance.between(10, 15));
    pumps.add(pump);
    for (SimDrainer drainer : drainers) {
      if (drainer.isUp()) {
        drainer.join(pump);
      }
    }
    pump.open();
  }

  /** Small everything, so that all that is rare in life is common here. */
  private StoreSettings settings() {
    return new StoreSettings(
        syncLog,
        1 << chance.between(9, 13),
        chance.between(64, 2048),
        1 << 20,
        1 << chance.between(6, 12),
        chance.between(2, 40),
        chance.between(2, 40),
        Duration.ofSeconds(1),
        chance.between(1, 4),
        1 << chance.between(7, 12),
        Duration.ofSeconds(1));
  }

  // --- the run -------------------------------------------------------------------------------

  /** Lets everything go wrong for a while, then nothing, and asks for the end of all work. */
  void run() {
    drainers.forEach(drainer -> agenda.after(chance.millis(0, 2000), "", drainer::start));
    tidb.start();
    nemesis.start();
    while (!tidb.isDone() && step(Long.MAX_VALUE)) {}
    nemesis.heal();
    long target = pd.next().value();
    log.add("everything is healed; all must come up to " + target);
    long until = agenda.nowNs() + SETTLE_NS;
    while (!isSettled(target) && step(until)) {}
    if (!isSettled(target)) {
      throw new Violation("progress", "not everything came out: " + standings(target));
    }
  }

  private boolean step(long untilNs) {
    boolean happened = agenda.runNext(untilNs);
    checks.afterEvent();
    return happened;
  }

  private boolean isSettled(long target) {
    return pumps.stream()
            .allMatch(pump -> pump.isUp() && pump.engine().maxCommitTs().value() >= target)
        && drainers.stream()
            .allMatch(each -> each.isGone() || each.checkpoints().savedTs() >= target);
  }

  private String standings(long target) {
    StringBuilder text = new StringBuilder("wanted " + target);
    for (SimPump pump : pumps) {
      text.append(", ").append(pump.id());
      if (pump.isUp()) {
        text.append(" at ").append(pump.engine().maxCommitTs());
        text.append(" waiting for ").append(pump.engine().dangling(3));
      } else {
        text.append(" is down");
      }
    }
    for (SimDrainer drainer : drainers) {
      text.append(", ").append(drainer.id()).append(" at ").append(drainer.contiguous());
    }
    return text.toString();
  }

  // --- what happens to many ------------------------------------------------------------------

  /** TiKV has committed: Pumps that hold it, and Drainers, owe it. */
  void committed(Transaction transaction) {
    transactions++;
    committed.put(transaction.commitTs(), transaction);
    for (SimPump pump : pumps) {
      if (transaction.isHeldBy(pump.id())) {
        pump.expect(transaction);
      }
    }
    checks.committed(transaction);
  }

  void opened(SimPump pump) {
    checks.opened(pump);
  }

  Set<Long> committedAfter(long ts) {
    return committed.tailMap(ts, false).keySet();
  }

  // --- who is there --------------------------------------------------------------------------

  EventLog log() {
    return log;
  }

  Agenda agenda() {
    return agenda;
  }

  Chance chance() {
    return chance;
  }

  SimPd pd() {
    return pd;
  }

  SimTikv tikv() {
    return tikv;
  }

  Network network() {
    return network;
  }

  Checks checks() {
    return checks;
  }

  List<SimPump> pumps() {
    return pumps;
  }

  List<SimDrainer> drainers() {
    return drainers;
  }

  /** Without it a machine that goes down may take acknowledged records with it. */
  boolean isSyncLog() {
    return syncLog == StoreSettings.SyncLog.ON;
  }

  int transactions() {
    return transactions;
  }
}
