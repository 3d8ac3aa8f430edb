package org.tidbbinlog.sim;

import java.util.Arrays;
import java.util.List;
import org.tidbbinlog.pump.storage.CorruptRecordException;
import org.tidbbinlog.pump.storage.GapPolicy;
import org.tidbbinlog.pump.storage.PullGapException;
import org.tidbbinlog.pump.storage.StoreClosedException;
import org.tidbbinlog.pump.storage.StoreReadException;

/** Draws what goes wrong, and when; heals everything in the end. */
final class Nemesis {
  private static final int MOST_PUMPS = 4;
  private static final int HOUR_MS = 3_600_000;

  private final World world;
  private final Chance chance;
  private boolean resting;

  Nemesis(World world) {
    this.world = world;
    this.chance = world.chance();
  }

  void start() {
    world.agenda().after(chance.millis(20, 500), "", this::strike);
  }

  private void strike() {
    if (!resting) {
      switch (chance.below(11)) {
        case 0, 1, 2, 3 -> process(chance.pick(world.pumps()));
        case 4, 5 -> disk(chance.pick(world.pumps()));
        case 6, 7 -> network();
        case 8 -> timeJumps();
        default -> others();
      }
      start();
    }
  }

  private void process(SimPump pump) {
    switch (chance.below(8)) {
      case 0 -> {
        if (pump.isUp()) {
          pump.end(machine());
          pump.reopenLater();
        }
      }
      case 1, 2, 3 -> {
        say(pump.id() + " is going to end in the middle of something");
        pump.faults().endAfter(chance.below(25), machine());
      }
      case 4 -> pump.close();
      case 5 -> damageOrderLog(pump);
      case 6 -> {
        say(pump.id() + " freezes");
        pump.freeze(chance.millis(100, 6000));
      }
      default -> {
        long millis = chance.between(-HOUR_MS, 2 * HOUR_MS);
        say("the clock of " + pump.id() + " jumps by " + millis + " ms");
        pump.clock().jump(millis);
      }
    }
  }

  private PowerCut.Of machine() {
    return world.isSyncLog() && chance.oneIn(2) ? PowerCut.Of.MACHINE : PowerCut.Of.PROCESS;
  }

  /** The order log may be lost, cut, or another one's: it can be made again. */
  private void damageOrderLog(SimPump pump) {
    List<String> files =
        pump.disk().all().stream().filter(name -> name.startsWith("order/")).toList();
    if (!pump.isUp() || files.isEmpty()) {
      return;
    }
    String name = chance.pick(files);
    if (chance.oneIn(2)) {
      spoil(pump, name);
      return;
    }
    pump.end(PowerCut.Of.PROCESS);
    say("somebody damages " + name + " of " + pump.id());
    SimPump other = chance.pick(world.pumps());
    switch (chance.below(4)) {
      case 0 -> pump.disk().remove(name);
      case 1 -> pump.disk().replace(name, new byte[0]);
      case 2 -> {
        byte[] content = pump.disk().content(name);
        pump.disk().replace(name, Arrays.copyOf(content, chance.below(content.length + 1)));
      }
      default -> {
        if (other.disk().all().contains(name)) {
          pump.disk().replace(name, other.disk().content(name));
        }
      }
    }
    pump.reopenLater();
  }

  /** Bits of entries change while they are in use. */
  private void spoil(SimPump pump, String name) {
    say("bits change in " + name + " of " + pump.id());
    pump.spoil();
    int size = pump.disk().content(name).length;
    for (int i = chance.between(1, 3); i > 0 && size > 0; i--) {
      pump.disk().flip(name, chance.below(size), chance.below(8));
    }
  }

  private void disk(SimPump pump) {
    switch (chance.below(6)) {
      case 0 -> {
        say("the disk of " + pump.id() + " is nearly full");
        pump.disk().freeBytes(chance.below(3000));
        later(4000, "there is room again", () -> pump.disk().freeBytes(Long.MAX_VALUE));
      }
      case 1 -> {
        say("forces fail at " + pump.id());
        pump.faults().failForces(chance.between(1, 3), ForceFailure.Bytes.KEPT);
      }
      case 2 -> {
        say("forces fail and forget at " + pump.id());
        pump.faults().failForces(chance.between(1, 3), ForceFailure.Bytes.FORGOTTEN);
      }
      case 3 -> {
        say("what is sorted cannot be written at " + pump.id());
        pump.faults().failOrderWrites(chance.between(1, 30));
        if (chance.oneIn(2)) {
          later(400, "", pump::close);
        }
      }
      case 4 -> {
        say("files cannot be deleted at " + pump.id());
        pump.faults().failDeletes(chance.between(1, 4));
      }
      default -> {
        say("reads fail at " + pump.id());
        pump.faults().failReads(chance.between(1, 4));
      }
    }
  }

  private void network() {
    SimPump pump = chance.pick(world.pumps());
    SimDrainer drainer = chance.pick(world.drainers());
    switch (chance.below(5)) {
      case 0 -> {
        say("nobody reaches " + pump.id());
        world.network().cut(pump);
        drainer.links().stream().filter(link -> link.pump() == pump).forEach(PullLink::broken);
        later(5000, pump.id() + " is reached again", () -> world.network().join(pump));
      }
      case 1 -> drainer.links().forEach(PullLink::broken);
      case 2 -> drainer.links().stream().limit(1).forEach(PullLink::goHalfOpen);
      case 3 -> {
        say("PD is away");
        world.pd().goAway();
        later(3000, "PD is back", world.pd()::comeBack);
      }
      default -> {
        say("TiKV is away");
        world.tikv().goAway();
        later(4000, "TiKV is back", world.tikv()::comeBack);
      }
    }
  }

  /** The next leader of PD is ahead: by seconds, or by so much that segments grow old. */
  private void timeJumps() {
    int millis = chance.oneIn(3) ? chance.below(30_000) : chance.between(HOUR_MS / 6, HOUR_MS);
    say("PD's clock jumps by " + millis + " ms");
    world.pd().jump(millis);
  }

  private void others() {
    SimDrainer drainer = chance.pick(world.drainers());
    switch (chance.below(8)) {
      case 0, 1 -> {
        if (drainer.isUp()) {
          drainer.end();
          drainer.startLater();
        }
      }
      case 2 -> drainer.slowness(chance.below(1500));
      case 3 -> drainer.checkpoints().failing(chance.below(100));
      case 4 -> {
        if (drainer.isUp()) {
          drainer.goOffline();
          later(15_000, drainer.id() + " starts", drainer::start);
        }
      }
      case 5 -> {
        if (world.pumps().size() < MOST_PUMPS && chance.oneIn(2)) {
          say("one Pump more");
          world.addPump();
        }
      }
      default -> probe(chance.pick(world.pumps()));
    }
  }

  /** Somebody reads from an old place, strictly or not. */
  private void probe(SimPump pump) {
    long last = world.pd().last().value();
    long from = chance.oneIn(2) ? 0 : last - ((long) chance.below(HOUR_MS) << 18);
    GapPolicy policy = chance.oneIn(2) ? GapPolicy.REFUSE : GapPolicy.SKIP;
    say("somebody reads " + pump.id() + " from " + from + " " + policy);
    PullTap[] tap = new PullTap[1];
    pump.stages()
        .stage(
            PumpStages.Stage.PULL,
            engine -> {
              long gcTs = engine.gcTs().value();
              try {
                tap[0] = pump.pull(from, policy);
                boolean gap = Long.compareUnsigned(from, gcTs) < 0;
                boolean told = tap[0].skippedGaps() > 0;
                if (gap && (!told || policy == GapPolicy.REFUSE)) {
                  throw new Violation(
                      "I9", pump.id() + " hides a gap from " + from + " to " + gcTs);
                }
                for (int i = 0; i < 40 && tap[0].tryNext().isPresent(); i++) {}
              } catch (PullGapException gap) {
                long position = tap[0] == null ? from : tap[0].position().value();
                world.checks().gap(pump, position, gap);
              } catch (CorruptRecordException | StoreReadException | StoreClosedException e) {
                say(pump.id() + " cannot be read: " + e.getMessage());
              }
            });
    if (tap[0] != null) {
      later(3000, "", () -> pump.endPull(tap[0]));
    }
  }

  private void say(String what) {
    world.log().add("nemesis: " + what);
  }

  private void later(int millis, String what, Runnable action) {
    world.agenda().after(chance.millis(50, millis), what, action);
  }

  /** No more faults, and an end to all that are there. */
  void heal() {
    resting = true;
    world.pd().comeBack();
    world.tikv().comeBack();
    for (SimPump pump : world.pumps()) {
      world.network().join(pump);
      pump.disk().freeBytes(Long.MAX_VALUE);
      pump.faults().heal();
      pump.freeze(0);
    }
    for (SimDrainer drainer : world.drainers()) {
      drainer.slowness(5);
      drainer.checkpoints().failing(0);
      drainer.startLater();
    }
    say("rests");
  }
}
