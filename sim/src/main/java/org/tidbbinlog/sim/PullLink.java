package org.tidbbinlog.sim;

import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.drainer.merge.MergeInput;
import org.tidbbinlog.pump.storage.CorruptRecordException;
import org.tidbbinlog.pump.storage.GapPolicy;
import org.tidbbinlog.pump.storage.PullGapException;
import org.tidbbinlog.pump.storage.PullRecord;
import org.tidbbinlog.pump.storage.StoreClosedException;
import org.tidbbinlog.pump.storage.StoreReadException;

/**
 * One Drainer's connection to one Pump: a stream that keeps its order, breaks with what is under
 * way, goes half-open, and is dialled again from the last timestamp received.
 */
final class PullLink {
  private static final int AT_ONCE = 8;
  private static final long QUEUED_BYTES = 40_000;
  private static final long SILENCE_NS = TimeUnit.SECONDS.toNanos(8);

  private enum State {
    DOWN,
    STREAMING,
    /** Looks alive, carries nothing. */
    HALF_OPEN,
    ENDED
  }

  private final World world;
  private final SimDrainer drainer;
  private final SimPump pump;
  private final MergeInput<MergedItem> input;
  private State state = State.DOWN;
  private int dials;
  private boolean awake;
  private long lastArrivalNs;
  private long watermark;
  private Optional<PullTap> tap = Optional.empty();

  PullLink(World world, SimDrainer drainer, SimPump pump, MergeInput<MergedItem> input) {
    this.world = world;
    this.drainer = drainer;
    this.pump = pump;
    this.input = input;
    this.watermark = input.received().value();
    input.onRoom(this::wake);
  }

  SimPump pump() {
    return pump;
  }

  /** The newest timestamp that arrived, by the simulator's own account; unsigned. */
  long watermark() {
    return watermark;
  }

  void dial() {
    if (state == State.ENDED) {
      return;
    }
    int mine = ++dials;
    world
        .agenda()
        .after(
            world.network().delayNs(),
            "",
            () -> {
              if (mine == dials) {
                connect();
              }
            });
  }

  private void connect() {
    if (!pump.isUp() || world.network().isCut(pump)) {
      redialLater();
      return;
    }
    long from = input.received().value();
    boolean[] refused = {false};
    boolean ran =
        pump.stages()
            .stage(
                PumpStages.Stage.PULL,
                engine -> {
                  try {
                    tap = Optional.of(pump.pull(from, GapPolicy.REFUSE));
                  } catch (PullGapException gap) {
                    world.checks().gap(pump, from, gap);
                    refused[0] = true;
                  } catch (CorruptRecordException | StoreReadException | StoreClosedException e) {
                    world.log().add(pump.id() + " does not serve: " + e.getMessage());
                  }
                });
    if (refused[0]) {
      drainer.gap(pump);
    } else if (ran && tap.isPresent()) {
      state = State.STREAMING;
      pump.stages().serves(this);
      world.log().add(drainer.id() + " pulls " + pump.id() + " from " + from);
      wake();
    } else {
      redialLater();
    }
  }

  private void redialLater() {
    world.agenda().after(world.chance().millis(200, 1200), "", this::dialUnlessDone);
  }

  private void dialUnlessDone() {
    if (state == State.DOWN) {
      dial();
    }
  }

  /** There may be something to send, or room for it. */
  void wake() {
    if (!awake && state == State.STREAMING) {
      awake = true;
      int mine = dials;
      pump.later(
          world.chance().millis(0, 3),
          () -> {
            awake = false;
            if (mine == dials) {
              serve();
            }
          });
    }
  }

  /** The Pump's side: sends what there is, as long as there is room at the other end. */
  void serve() {
    if (state != State.STREAMING || input.queuedBytes() > QUEUED_BYTES) {
      return;
    }
    PullTap reading = tap.orElseThrow();
    int count = world.chance().between(1, AT_ONCE);
    boolean[] more = {true};
    boolean ran =
        pump.stages()
            .stage(
                PumpStages.Stage.PULL,
                engine -> {
                  for (int i = 0; i < count && more[0]; i++) {
                    more[0] = sendNext(reading);
                  }
                });
    if (ran && more[0] && state == State.STREAMING) {
      wake();
    }
  }

  private boolean sendNext(PullTap reading) {
    try {
      Optional<PullRecord> record = reading.tryNext();
      record.ifPresent(this::send);
      return record.isPresent();
    } catch (PullGapException gap) {
      world.checks().gap(pump, reading.position().value(), gap);
      drainer.gap(pump);
    } catch (CorruptRecordException | StoreReadException e) {
      world.log().add(pump.id() + " cannot read: " + e.getMessage());
      broken();
    }
    return false;
  }

  private void send(PullRecord record) {
    MergedItem item =
        new MergedItem(pump.id(), record.commitTs(), record.isFake(), record.sizeBytes());
    int mine = dials;
    lastArrivalNs = Math.max(lastArrivalNs, world.agenda().nowNs() + world.network().delayNs());
    world
        .agenda()
        .after(
            lastArrivalNs - world.agenda().nowNs(),
            "",
            () -> {
              if (mine == dials && state == State.STREAMING) {
                receive(item);
              }
            });
  }

  private void receive(MergedItem item) {
    world.log().add(drainer.id() + " receives " + item.commitTs() + " of " + pump.id());
    try {
      input.offer(item);
      if (world.chance().oneIn(50)) {
        input.offer(item);
      }
    } catch (OperatorException e) {
      throw new Violation("I1", String.valueOf(e.getMessage()));
    }
    watermark = item.commitTs().value();
    drainer.wake();
  }

  /** The connection is lost, and what is under way with it; dials again. */
  void broken() {
    if (state != State.ENDED) {
      hangUp();
      state = State.DOWN;
      redialLater();
    }
  }

  /** From now on nothing arrives, and neither side knows. */
  void goHalfOpen() {
    if (state == State.STREAMING) {
      state = State.HALF_OPEN;
      int mine = dials;
      world
          .agenda()
          .after(
              SILENCE_NS,
              drainer.id() + " finds " + pump.id() + " silent",
              () -> {
                if (mine == dials) {
                  broken();
                }
              });
    }
  }

  /** The Drainer is gone. */
  void end() {
    hangUp();
    state = State.ENDED;
  }

  private void hangUp() {
    dials++;
    awake = false;
    tap.ifPresent(pump::endPull);
    tap = Optional.empty();
    pump.stages().servesNoMore(this);
  }
}
