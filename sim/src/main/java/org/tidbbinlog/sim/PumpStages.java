package org.tidbbinlog.sim;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.pump.storage.CorruptRecordException;
import org.tidbbinlog.pump.storage.OrderLogLostException;
import org.tidbbinlog.pump.storage.StorageEngine;

/**
 * What runs in a Pump: the steps of the real storage engine, on the agenda where threads run them
 * in life. A step of another stage may come in the middle of a step, before any operation of the
 * disk, where the two hold no lock in common: so stages overlap as threads do.
 */
final class PumpStages {
  /** What runs in a thread of its own in life. */
  enum Stage {
    WRITE,
    SORT,
    ASK,
    PULL,
    COLLECT,
    PROVE
  }

  /** A piece of a stage. */
  interface Step {
    void run(StorageEngine engine) throws IOException;
  }

  private static final String STATE_FILE = "storage.state";

  private final World world;
  private final SimPump pump;

  /** What runs now, the innermost first. */
  private final Deque<Stage> active = new ArrayDeque<>();

  private final List<PullLink> links = new ArrayList<>();
  private boolean writeScheduled;
  private boolean sortScheduled;

  PumpStages(World world, SimPump pump) {
    this.world = world;
    this.pump = pump;
  }

  /** The process has ended. */
  void ended() {
    active.clear();
    List.copyOf(links).forEach(PullLink::broken);
    writeScheduled = false;
    sortScheduled = false;
  }

  void serves(PullLink link) {
    links.add(link);
  }

  void servesNoMore(PullLink link) {
    links.remove(link);
  }

  /** Runs a piece of a stage unless one of it runs already; false then, and when it was the end. */
  boolean stage(Stage stage, Step step) {
    if (!pump.isUp() || active.contains(stage)) {
      return false;
    }
    boolean outermost = active.isEmpty();
    active.push(stage);
    int mine = pump.incarnation();
    try {
      step.run(pump.engine());
      return true;
    } catch (IOException e) {
      world.log().add(pump.id() + " " + stage + " fails: " + e.getMessage());
      return true;
    } catch (PowerCut cut) {
      if (!outermost) {
        throw cut;
      }
      pump.end(cut.of());
      pump.reopenLater();
      return false;
    } finally {
      if (mine == pump.incarnation()) {
        active.remove(stage);
      }
    }
  }

  /** Between two operations of one stage another one runs, if their locks allow. */
  void overlap(SimDisk.Operation operation, String file) {
    List<Stage> free = new ArrayList<>();
    if (pump.isUp() && !active.isEmpty()) {
      for (Stage stage : List.of(Stage.WRITE, Stage.SORT, Stage.PULL, Stage.COLLECT, Stage.PROVE)) {
        if (!active.contains(stage) && mayOverlap(stage, operation, file)) {
          free.add(stage);
        }
      }
    }
    maybeComesBack(file);
    if (free.isEmpty()) {
      return;
    }
    switch (world.chance().pick(free)) {
      case WRITE -> write();
      case SORT -> sort();
      case COLLECT -> collect();
      case PROVE -> prove();
      case PULL -> {
        if (!links.isEmpty()) {
          world.chance().pick(links).serve();
        }
      }
      case ASK -> {}
    }
  }

  /**
   * A Drainer that was offline is there again while a Pump looks for what may go. Between the
   * registry's last answer and the saved mark it would come too late, which nobody can prevent: so
   * only at what the collection itself does before that answer.
   */
  private void maybeComesBack(String file) {
    boolean looks = file.isEmpty() || file.startsWith("order/");
    if (looks && active.peek() == Stage.COLLECT && world.chance().oneIn(4)) {
      List<SimDrainer> away = world.drainers().stream().filter(SimDrainer::isOffline).toList();
      away.stream().findFirst().ifPresent(SimDrainer::start);
    }
  }

  /** Sorting and collecting meet at the lock of the state file; the others take none in common. */
  private boolean mayOverlap(Stage stage, SimDisk.Operation operation, String file) {
    boolean meets =
        (stage == Stage.COLLECT && active.contains(Stage.SORT))
            || (stage == Stage.SORT && active.contains(Stage.COLLECT));
    boolean holdsNone =
        active.size() == 1
            && operation == SimDisk.Operation.NAME
            && !file.startsWith("storage.state");
    return !meets || holdsNone;
  }

  void tick() {
    stage(
        Stage.SORT,
        engine -> {
          index(engine);
          engine.resolveStep();
        });
    scheduleSort();
    scheduleWrite();
  }

  void scheduleWrite() {
    if (pump.isUp() && !writeScheduled) {
      writeScheduled = true;
      pump.later(
          delay(),
          () -> {
            writeScheduled = false;
            write();
          });
    }
  }

  long delay() {
    return world.chance().oneIn(20) ? world.chance().millis(0, 400) : world.chance().millis(0, 2);
  }

  private void write() {
    boolean[] worked = {false};
    stage(Stage.WRITE, engine -> worked[0] = engine.writeGroup());
    if (worked[0]) {
      scheduleWrite();
      scheduleSort();
    }
  }

  private boolean index(StorageEngine engine) throws IOException {
    try {
      return engine.indexStep();
    } catch (OrderLogLostException e) {
      world.log().add(pump.id() + " ends itself: " + e.getMessage());
      throw new PowerCut(PowerCut.Of.PROCESS);
    }
  }

  private void scheduleSort() {
    if (pump.isUp() && !sortScheduled) {
      sortScheduled = true;
      pump.later(
          delay(),
          () -> {
            sortScheduled = false;
            sort();
          });
    }
  }

  private void sort() {
    boolean[] worked = {false};
    stage(
        Stage.SORT,
        engine -> {
          worked[0] = index(engine);
          if (engine.isResolveAwaited()) {
            engine.resolveStep();
          }
        });
    if (worked[0] && pump.isUp()) {
      scheduleSort();
      List.copyOf(links).forEach(PullLink::wake);
    }
  }

  void ask(Runnable question) {
    stage(Stage.ASK, engine -> question.run());
    scheduleWrite();
    scheduleSort();
  }

  /** What Drainers there are is asked over the network: other stages go on meanwhile. */
  void asksRegistry() {
    if (active.contains(Stage.COLLECT)) {
      pump.faults().maybeOverlap();
    }
  }

  /** Stands before every operation of the disk. */
  void touches(SimDisk.Operation operation, String file) {
    boolean saves = operation == SimDisk.Operation.OPEN && file.startsWith(STATE_FILE);
    if (saves && active.contains(Stage.COLLECT)) {
      world.checks().decides(pump);
    }
  }

  void collect() {
    boolean[] done = {false};
    stage(
        Stage.COLLECT,
        engine -> {
          Tso before = engine.gcTs();
          try {
            pump.garbage().collect();
            done[0] = engine.gcTs().isAfter(before);
          } catch (RetryableException | CorruptRecordException e) {
            world.log().add(pump.id() + " collects nothing: " + e.getMessage());
          }
        });
    if (done[0] && active.isEmpty()) {
      world.checks().collected(pump);
    }
  }

  void prove() {
    stage(Stage.PROVE, StorageEngine::proveStep);
  }
}
