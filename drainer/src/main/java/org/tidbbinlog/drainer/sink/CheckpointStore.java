package org.tidbbinlog.drainer.sink;

import java.util.Optional;

/** Where a Drainer's progress is kept: in the target or in a file. Source: drainer section 6. */
public interface CheckpointStore extends AutoCloseable {
  /** The stored checkpoint, empty when there is none or its commit timestamp is 0. */
  Optional<Checkpoint> load();

  /** Replaces the checkpoint durably; never moves it back (I6). */
  void save(Checkpoint checkpoint);

  @Override
  void close();
}
