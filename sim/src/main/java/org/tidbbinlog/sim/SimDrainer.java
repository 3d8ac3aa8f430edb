package org.tidbbinlog.sim;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.registry.NodeKind;
import org.tidbbinlog.cluster.registry.NodeState;
import org.tidbbinlog.cluster.registry.NodeStatus;
import org.tidbbinlog.drainer.checkpoint.CheckpointKeeper;
import org.tidbbinlog.drainer.merge.Merger;
import org.tidbbinlog.drainer.sink.Checkpoint;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.StageTimes;

/**
 * A Drainer: the real merger and checkpoint keeper, between links to all Pumps and a target that
 * finishes transactions in any order and acknowledges them in the right one.
 */
final class SimDrainer {
  private static final int AT_ONCE = 16;
  private static final int UNDER_WAY = 64;

  /** One item at the target. */
  private static final class Applying {
    private final Tso commitTs;
    private boolean done;

    Applying(Tso commitTs) {
      this.commitTs = commitTs;
    }
  }

  private final World world;
  private final String id;
  private final SimCheckpoints checkpoints;
  private final NodeClock clock;
  private final Map<String, PullLink> links = new TreeMap<>();
  private final Deque<Applying> applying = new ArrayDeque<>();
  private final List<MergedItem> fresh = new ArrayList<>();
  private final SortedSet<Long> awaited = new TreeSet<>();
  private Optional<Merger<MergedItem>> merger = Optional.empty();
  private Optional<CheckpointKeeper> keeper = Optional.empty();
  private NodeState state = NodeState.ONLINE;
  private int incarnation;
  private boolean pollScheduled;
  private long contiguous;
  private Tso began = Tso.ZERO;
  private long checkedTo;
  private long slowMs = 5;
  private boolean everStarted;
  private boolean gone;

  SimDrainer(World world, String id) {
    this.world = world;
    this.id = id;
    this.checkpoints = new SimCheckpoints(world.chance());
    this.clock = new NodeClock(world.agenda(), world.chance().millis(0, 1_000_000));
  }

  String id() {
    return id;
  }

  boolean isUp() {
    return merger.isPresent();
  }

  SimCheckpoints checkpoints() {
    return checkpoints;
  }

  /** Online, as the registry sees it: garbage collection waits for it. */
  boolean counts() {
    return everStarted && state != NodeState.OFFLINE;
  }

  /** Down, and garbage collection does not wait for it; it may come back. */
  boolean isOffline() {
    return everStarted && !isUp() && !gone && state == NodeState.OFFLINE;
  }

  /** It met a gap and will not start again. */
  boolean isGone() {
    return gone;
  }

  /** Everything up to here is at the target, by the simulator's own account; unsigned. */
  long contiguous() {
    return contiguous;
  }

  Collection<PullLink> links() {
    return links.values();
  }

  /** Where this process began; unsigned. */
  long began() {
    return began.value();
  }

  /** Merged since the checkers last looked. */
  List<MergedItem> fresh() {
    return fresh;
  }

  /** The last merged timestamp before {@link #fresh}, unsigned. */
  long checkedTo() {
    return checkedTo;
  }

  /** The checkers have seen everything. */
  void checked() {
    if (!fresh.isEmpty()) {
      checkedTo = fresh.get(fresh.size() - 1).commitTs().value();
      fresh.clear();
    }
  }

  /** Commit timestamps that must still come out of the merge. */
  SortedSet<Long> awaited() {
    return awaited;
  }

  Tso lastOutput() {
    return merger.orElseThrow().lastOutput();
  }

  /** Each transaction takes up to so long at the target. */
  void slowness(long millis) {
    slowMs = millis;
  }

  // --- life ----------------------------------------------------------------------------------

  void start() {
    if (isUp() || gone) {
      return;
    }
    try {
      Optional<Checkpoint> loaded = checkpoints.load();
      Tso start = loaded.isPresent() ? loaded.get().commitTs() : world.pd().next();
      if (everStarted && Long.compareUnsigned(start.value(), contiguous) > 0) {
        throw new Violation(
            "I6", id + " begins at " + start + ", but had only reached " + contiguous);
      }
      CheckpointKeeper opened = new CheckpointKeeper(checkpoints, loaded, start, clock);
      opened.begin();
      world.pd().put(entry(NodeState.ONLINE, opened.savedTs()));
      open(opened, start);
    } catch (RetryableException | OperatorException e) {
      world.log().add(id + " does not start: " + e.getMessage());
      startLater();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void open(CheckpointKeeper opened, Tso start) {
    incarnation++;
    everStarted = true;
    state = NodeState.ONLINE;
    keeper = Optional.of(opened);
    contiguous = start.value();
    began = start;
    checkedTo = start.value();
    Merger<MergedItem> fresher = new Merger<>(start, clock);
    merger = Optional.of(fresher);
    awaited.clear();
    awaited.addAll(world.committedAfter(start.value()));
    world.log().add(id + " starts at " + start);
    world.pumps().forEach(this::join);
    fresher.open();
    every(TimeUnit.SECONDS.toNanos(1), this::upkeep);
  }

  /** A Pump is part of the cluster from now on. */
  void join(SimPump pump) {
    merger.ifPresent(
        merging -> {
          PullLink link = new PullLink(world, this, pump, merging.add(pump.id(), began));
          links.put(pump.id(), link);
          link.dial();
        });
  }

  void startLater() {
    world.agenda().after(world.chance().millis(100, 3000), id + " starts", this::start);
  }

  /** The process ends. */
  void end() {
    if (isUp()) {
      world.log().add(id + " ends");
      incarnation++;
      links.values().forEach(PullLink::end);
      links.clear();
      applying.clear();
      fresh.clear();
      merger = Optional.empty();
      keeper = Optional.empty();
      pollScheduled = false;
    }
  }

  /** Somebody says that it will not come back. */
  void goOffline() {
    end();
    state = NodeState.OFFLINE;
    register();
  }

  /** What it asks for is gone. Only one that was offline may meet that. */
  void gap(SimPump pump) {
    world.log().add(id + " stops: a gap at " + pump.id());
    gone = true;
    int mine = incarnation;
    world
        .agenda()
        .after(
            0,
            "",
            () -> {
              if (mine == incarnation) {
                goOffline();
              }
            });
  }

  private void every(long periodNs, Runnable action) {
    int mine = incarnation;
    world
        .agenda()
        .after(
            periodNs,
            "",
            () -> {
              if (mine == incarnation) {
                action.run();
              }
              if (mine == incarnation) {
                every(periodNs, action);
              }
            });
  }

  private void upkeep() {
    try {
      keeper.orElseThrow().maybeSave();
      register();
    } catch (OperatorException e) {
      failed(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    wake();
  }

  private void failed(OperatorException cause) {
    world.log().add(id + " stops: " + cause.getMessage());
    end();
    startLater();
  }

  private void register() {
    Tso saved = keeper.map(CheckpointKeeper::savedTs).orElse(new Tso(checkpoints.savedTs()));
    try {
      world.pd().put(entry(state, saved));
    } catch (RetryableException e) {
      world.log().add(id + " is not registered: " + e.getMessage());
    }
  }

  private NodeStatus entry(NodeState as, Tso saved) {
    return new NodeStatus(NodeKind.DRAINER, id, "", as, saved, Tso.ZERO);
  }

  // --- the way through -----------------------------------------------------------------------

  /** Something came: merging may go on. */
  void wake() {
    if (isUp() && !pollScheduled) {
      pollScheduled = true;
      int mine = incarnation;
      world
          .agenda()
          .after(
              world.chance().millis(0, 4),
              "",
              () -> {
                if (mine == incarnation) {
                  pollScheduled = false;
                  poll();
                }
              });
    }
  }

  private void poll() {
    if (applying.size() > UNDER_WAY) {
      return;
    }
    try {
      List<MergedItem> items = merger.orElseThrow().poll(AT_ONCE);
      for (MergedItem item : items) {
        world.log().add(id + " merges " + item.commitTs() + " of " + item.pump());
        fresh.add(item);
        apply(item);
      }
      if (!items.isEmpty()) {
        wake();
      }
    } catch (OperatorException e) {
      throw new Violation("I4", String.valueOf(e.getMessage()));
    }
  }

  private void apply(MergedItem item) {
    Applying one = new Applying(item.commitTs());
    applying.add(one);
    int mine = incarnation;
    long delay = item.isFake() ? 0 : world.chance().millis(0, (int) slowMs);
    world
        .agenda()
        .after(
            delay,
            "",
            () -> {
              if (mine == incarnation) {
                one.done = true;
                acknowledge();
              }
            });
  }

  private void acknowledge() {
    try {
      while (!applying.isEmpty() && applying.getFirst().done) {
        Tso ts = applying.removeFirst().commitTs;
        contiguous = ts.value();
        keeper.orElseThrow().acknowledged(new SinkItem.Progress(ts, 0, new StageTimes()));
      }
      wake();
    } catch (OperatorException e) {
      failed(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
