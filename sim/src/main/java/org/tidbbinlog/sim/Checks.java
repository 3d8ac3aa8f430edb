package org.tidbbinlog.sim;

import java.util.List;
import org.tidbbinlog.pump.storage.PullGapException;

/** All invariants that are watched; each looks after every event. */
final class Checks {
  private final World world;
  private final I8GarbageBehindDrainers garbage;
  private final I9NoSilentGap gaps;
  private final I10OnlyListedFiles files = new I10OnlyListedFiles();
  private final List<Checker> all;

  Checks(World world) {
    this.world = world;
    this.gaps = new I9NoSilentGap(world);
    this.garbage = new I8GarbageBehindDrainers(world);
    // I3 comes first: it pulls, and the others look at what was pulled.
    this.all =
        List.of(
            new I3ExactlyTheCommitted(world),
            new I1StreamOrder(world),
            new I2AcknowledgedSurvives(),
            new I4BelowWatermarks(world),
            new I6CheckpointBehindAcknowledged(world),
            garbage,
            gaps);
  }

  void afterEvent() {
    all.forEach(Checker::afterEvent);
    for (SimPump pump : world.pumps()) {
      pump.taps().forEach(PullTap::checked);
    }
  }

  void opened(SimPump pump) {
    all.forEach(checker -> checker.opened(pump));
  }

  /** A Pump is about to save up to where it collects. */
  void decides(SimPump pump) {
    garbage.decides(pump);
  }

  /** A collection of a Pump is done, and nothing else of it is under way. */
  void collected(SimPump pump) {
    files.collected(pump);
  }

  void committed(Transaction transaction) {
    all.forEach(checker -> checker.committed(transaction));
  }

  /** A strict reader at {@code position} was told of a gap. */
  void gap(SimPump pump, long position, PullGapException gap) {
    gaps.refused(pump, position, gap);
  }
}
