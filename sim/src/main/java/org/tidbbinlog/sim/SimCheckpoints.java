package org.tidbbinlog.sim;

import java.util.Optional;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.sink.Checkpoint;
import org.tidbbinlog.drainer.sink.CheckpointStore;

/** A checkpoint kept by the target, which is not always there. */
final class SimCheckpoints implements CheckpointStore {
  private final Chance chance;
  private Optional<Checkpoint> current = Optional.empty();
  private int failPercent;

  SimCheckpoints(Chance chance) {
    this.chance = chance;
  }

  void failing(int percent) {
    failPercent = percent;
  }

  @Override
  public Optional<Checkpoint> load() {
    return current;
  }

  @Override
  public void save(Checkpoint checkpoint) {
    if (chance.percent(failPercent)) {
      throw new IllegalStateException("the target is away");
    }
    current = Optional.of(checkpoint);
  }

  /** Unsigned; 0 when nothing was saved. */
  long savedTs() {
    return current.map(Checkpoint::commitTs).orElse(Tso.ZERO).value();
  }

  @Override
  public void close() {}
}
