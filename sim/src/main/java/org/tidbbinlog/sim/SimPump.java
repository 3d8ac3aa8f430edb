package org.tidbbinlog.sim;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.txn.TransactionFate;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.pump.server.GarbageSchedule;
import org.tidbbinlog.pump.storage.AppendCallback;
import org.tidbbinlog.pump.storage.GapPolicy;
import org.tidbbinlog.pump.storage.StorageEngine;
import org.tidbbinlog.pump.storage.StoreClosedException;
import org.tidbbinlog.pump.storage.StoreObserver;
import org.tidbbinlog.pump.storage.StoreSettings;

/**
 * A Pump's process: starts, ends in any way, and has doors for TiDB and Drainers. What it does in
 * between is in {@link PumpStages}.
 */
final class SimPump {
  private static final long TICK_NS = TimeUnit.MILLISECONDS.toNanos(100);

  private final World world;
  private final String id;
  private final StoreSettings settings;
  private final Duration keep;
  private final long keepBytes;
  private final SimDisk disk;
  private final DiskFaults faults;
  private final NodeClock clock;
  private final PumpStages stages;
  private final NavigableMap<Long, Transaction> expected = new TreeMap<>();
  private final List<WrittenRecord> acknowledged = new ArrayList<>();
  private Optional<StorageEngine> engine = Optional.empty();
  private Optional<GarbageSchedule> garbage = Optional.empty();
  private int incarnation;
  private long frozenUntilNs;
  private boolean spoiled;
  private final List<PullTap> taps = new ArrayList<>();

  SimPump(World world, String id, StoreSettings settings, Duration keep, long keepBytes) {
    this.world = world;
    this.id = id;
    this.settings = settings;
    this.keep = keep;
    this.keepBytes = keepBytes;
    this.disk = new SimDisk(id);
    this.clock = new NodeClock(world.agenda(), world.chance().millis(0, 1_000_000));
    this.stages = new PumpStages(world, this);
    this.faults = new DiskFaults(world.chance(), stages::overlap);
    disk.hook(
        (operation, file) -> {
          stages.touches(operation, file);
          faults.before(operation, file);
        });
  }

  String id() {
    return id;
  }

  SimDisk disk() {
    return disk;
  }

  DiskFaults faults() {
    return faults;
  }

  NodeClock clock() {
    return clock;
  }

  boolean isUp() {
    return engine.isPresent();
  }

  /** How often it was started. */
  int incarnation() {
    return incarnation;
  }

  StorageEngine engine() {
    return engine.orElseThrow();
  }

  /** Its device has changed bits of the order log by itself. */
  void spoil() {
    spoiled = true;
  }

  /** Only then its order log may be unreadable, for a while. */
  boolean isSpoiled() {
    return spoiled;
  }

  GarbageSchedule garbage() {
    return garbage.orElseThrow();
  }

  PumpStages stages() {
    return stages;
  }

  StoreSettings settings() {
    return settings;
  }

  /** It owes this transaction from now on. */
  void expect(Transaction committed) {
    expected.put(committed.commitTs(), committed);
  }

  /** What it must give out, by commit timestamp. */
  NavigableMap<Long, Transaction> expected() {
    return expected;
  }

  /** Every record it ever acknowledged. */
  List<WrittenRecord> acknowledged() {
    return acknowledged;
  }

  // --- life ----------------------------------------------------------------------------------

  /** Starts the process; tries again when the disk does not let it. */
  void open() {
    if (isUp()) {
      return;
    }
    int mine = ++incarnation;
    try {
      StorageEngine opened = StorageEngine.open(settings, ports(mine));
      engine = Optional.of(opened);
      garbage =
          Optional.of(
              new GarbageSchedule(opened, world.pd(), clock, keep, Duration.ZERO, keepBytes));
      world.log().add(id + " is open, max commit ts " + opened.maxCommitTs());
    } catch (PowerCut cut) {
      end(cut.of());
      reopenLater();
      return;
    } catch (IOException e) {
      world.log().add(id + " does not open: " + e.getMessage());
      end(PowerCut.Of.PROCESS);
      reopenLater();
      return;
    } catch (OperatorException e) {
      throw new Violation("I2", id + " refuses its own data: " + e.getMessage());
    }
    faults.quietly(() -> world.opened(this));
    every(TICK_NS, stages::tick);
    every(TimeUnit.SECONDS.toNanos(2), this::heartbeat);
    every(TimeUnit.MILLISECONDS.toNanos(700), stages::collect);
    every(TimeUnit.MILLISECONDS.toNanos(500), stages::prove);
  }

  private StorageEngine.Ports ports(int mine) {
    return new StorageEngine.Ports(
        disk,
        (start, key, now) -> {
          TransactionFate fate = world.tikv().fateOf(start, key, now);
          faults.maybeOverlap();
          requireAlive(mine);
          return fate;
        },
        world.pd(),
        question -> later(mine, world.network().delayNs(), () -> stages.ask(question)),
        StoreObserver.NONE,
        clock);
  }

  private void requireAlive(int mine) {
    if (mine != incarnation || !isUp()) {
      throw new PowerCut(PowerCut.Of.PROCESS);
    }
  }

  private void later(int mine, long delayNs, Runnable action) {
    world
        .agenda()
        .after(
            delayNs,
            "",
            () -> {
              if (mine == incarnation && isUp()) {
                action.run();
              }
            });
  }

  /** In this life of the process; not while it is frozen. */
  void later(long delayNs, Runnable action) {
    long thawNs = Math.max(0, frozenUntilNs - world.agenda().nowNs());
    later(incarnation, Math.max(delayNs, thawNs), action);
  }

  private void every(long periodNs, Runnable action) {
    long drift = world.chance().millis(0, 20);
    later(
        periodNs + drift,
        () -> {
          action.run();
          if (isUp()) {
            every(periodNs, action);
          }
        });
  }

  /** Nothing of it runs for so long. */
  void freeze(long durationNs) {
    frozenUntilNs = world.agenda().nowNs() + durationNs;
  }

  /** The process ends at once, by itself or with its machine. */
  void end(PowerCut.Of of) {
    world.log().add(id + " ends with its " + of);
    engine = Optional.empty();
    garbage = Optional.empty();
    incarnation++;
    taps.clear();
    stages.ended();
    faults.afterEnd();
    if (of == PowerCut.Of.MACHINE) {
      disk.powerCut(world.chance());
    } else {
      disk.kill();
    }
  }

  void reopenLater() {
    world.agenda().after(world.chance().millis(50, 3000), id + " starts", this::open);
  }

  /** An orderly stop. */
  void close() {
    if (!isUp()) {
      return;
    }
    world.log().add(id + " stops in order");
    try {
      engine().close();
      end(PowerCut.Of.PROCESS);
    } catch (PowerCut cut) {
      end(cut.of());
    }
    reopenLater();
  }

  // --- what it does --------------------------------------------------------------------------

  private void heartbeat() {
    try {
      Tso ts = world.pd().next();
      WrittenRecord fake =
          new WrittenRecord(
              "fake " + ts,
              Binlog.fake(ts).encode(),
              () -> {},
              gcTs -> Long.compareUnsigned(ts.value(), gcTs) > 0);
      later(stages.delay(), () -> append(fake, durable -> {}));
    } catch (RetryableException e) {
      world.log().add(id + " has no heartbeat: " + e.getMessage());
    }
  }

  // --- doors ---------------------------------------------------------------------------------

  /** A record arrives; {@code answer} hears whether it is durable, or nothing if the Pump ends. */
  void append(WrittenRecord record, Consumer<Boolean> answer) {
    if (!isUp()) {
      answer.accept(false);
      return;
    }
    engine()
        .append(
            ByteBuffer.wrap(record.bytes()),
            new AppendCallback() {
              @Override
              public void durable() {
                world.log().add(id + " acknowledges " + record.what());
                acknowledged.add(record);
                record.onDurable().run();
                answer.accept(true);
              }

              @Override
              public void failed(RuntimeException cause) {
                world.log().add(id + " refuses " + record.what() + ": " + cause.getMessage());
                answer.accept(false);
              }
            });
    stages.scheduleWrite();
  }

  /**
   * Starts a pull.
   *
   * @throws StoreClosedException when it is down
   */
  PullTap pull(long fromExclusive, GapPolicy policy) {
    PullTap tap =
        new PullTap(this, policy, fromExclusive, engine().pull(new Tso(fromExclusive), policy));
    taps.add(tap);
    return tap;
  }

  void endPull(PullTap tap) {
    tap.close();
    taps.remove(tap);
  }

  /** All pulls under way. */
  List<PullTap> taps() {
    return taps;
  }
}
