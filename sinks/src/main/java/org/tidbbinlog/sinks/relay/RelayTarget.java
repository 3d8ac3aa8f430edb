package org.tidbbinlog.sinks.relay;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.sink.Checkpoint;
import org.tidbbinlog.drainer.sink.CheckpointStore;
import org.tidbbinlog.drainer.sink.Sink;
import org.tidbbinlog.drainer.sink.SinkListener;
import org.tidbbinlog.drainer.sink.Target;

/** A target with a relay log before it. Source: drainer section 11. */
public final class RelayTarget implements Target {
  private final Target behind;
  private final Path folder;
  private final long maxFileBytes;
  private final long clusterId;
  private final CheckpointStore checkpoints;
  private volatile Optional<RelayLog> log = Optional.empty();

  /**
   * @param folder {@code syncer.relay.log-dir}
   * @param maxFileBytes a file that has reached this size is followed by the next
   */
  public RelayTarget(Target behind, Path folder, long maxFileBytes, long clusterId) {
    this.behind = behind;
    this.folder = folder;
    this.maxFileBytes = maxFileBytes;
    this.clusterId = clusterId;
    this.checkpoints = new Deleting(behind.checkpoints());
  }

  @Override
  public CheckpointStore checkpoints() {
    return checkpoints;
  }

  /**
   * @throws org.tidbbinlog.base.OperatorException also when the folder cannot be used
   */
  @Override
  public Sink open(Optional<Checkpoint> loaded, Tso start, SinkListener listener)
      throws InterruptedException {
    RelayLog opened = RelayLog.open(folder, maxFileBytes, clusterId, start);
    try {
      RelaySink sink = new RelaySink(behind.open(loaded, start, listener), opened, listener);
      log = Optional.of(opened);
      return sink;
    } catch (RuntimeException | InterruptedException e) {
      opened.close();
      throw e;
    }
  }

  /** Files go when the checkpoint is saved, not before: a replay begins behind it. */
  private final class Deleting implements CheckpointStore {
    private final CheckpointStore store;

    Deleting(CheckpointStore store) {
      this.store = store;
    }

    @Override
    public Optional<Checkpoint> load() {
      return store.load();
    }

    @Override
    public void save(Checkpoint checkpoint) {
      store.save(checkpoint);
      log.ifPresent(open -> open.saved(checkpoint.commitTs()));
    }

    @Override
    public Duration patience() {
      return store.patience();
    }

    @Override
    public void close() {
      store.close();
    }
  }

  @Override
  public void close() {
    behind.close();
  }
}
