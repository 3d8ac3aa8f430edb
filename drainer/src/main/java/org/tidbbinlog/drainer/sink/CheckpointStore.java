package org.tidbbinlog.drainer.sink;

import java.time.Duration;
import java.util.Optional;

/** Where a Drainer's progress is kept: in the target or in a file. Source: drainer section 6. */
public interface CheckpointStore extends AutoCloseable {
  /** The stored checkpoint, empty when there is none or its commit timestamp is 0. */
  Optional<Checkpoint> load();

  /**
   * Replaces the checkpoint durably; never moves it back (I6).
   *
   * @throws org.tidbbinlog.base.OperatorException when trying again is of no use
   * @throws org.tidbbinlog.base.RetryableException when it may succeed later
   */
  void save(Checkpoint checkpoint);

  /** How long a fault of the store that may pass is waited for while replication runs. */
  default Duration patience() {
    return Duration.ofSeconds(5);
  }

  @Override
  void close();
}
