package org.tidbbinlog.drainer.sink;

import java.util.Optional;
import org.tidbbinlog.base.Tso;

/**
 * A connected target: first its checkpoint is read, then the sink is opened to go on from there.
 */
public interface Target extends AutoCloseable {
  /** Where this target's checkpoint is kept; the same store at every call. */
  CheckpointStore checkpoints();

  /**
   * Opens the sink, once.
   *
   * @param loaded the checkpoint that was found, in the store or (where that holds none) in a
   *     savepoint file; empty at the very first start
   * @param start everything up to here is at the target: the checkpoint or the initial commit ts
   */
  Sink open(Optional<Checkpoint> loaded, Tso start, SinkListener listener)
      throws InterruptedException;

  /** Releases connections; the sink and the store were closed before. */
  @Override
  void close();
}
