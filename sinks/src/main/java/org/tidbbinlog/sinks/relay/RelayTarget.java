package org.tidbbinlog.sinks.relay;

import java.nio.file.Path;
import java.util.Optional;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.sink.Checkpoint;
import org.tidbbinlog.drainer.sink.CheckpointStore;
import org.tidbbinlog.drainer.sink.Sink;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.SinkListener;
import org.tidbbinlog.drainer.sink.Target;

/** A target with a relay log before it. Source: drainer section 11. */
public final class RelayTarget implements Target {
  private final Target behind;
  private final Path folder;
  private final long maxFileBytes;
  private final long clusterId;

  /**
   * @param folder {@code syncer.relay.log-dir}
   * @param maxFileBytes a file that has reached this size is followed by the next
   */
  public RelayTarget(Target behind, Path folder, long maxFileBytes, long clusterId) {
    this.behind = behind;
    this.folder = folder;
    this.maxFileBytes = maxFileBytes;
    this.clusterId = clusterId;
  }

  @Override
  public CheckpointStore checkpoints() {
    return behind.checkpoints();
  }

  /**
   * @throws org.tidbbinlog.base.OperatorException also when the folder cannot be used
   */
  @Override
  public Sink open(Optional<Checkpoint> loaded, Tso start, SinkListener listener)
      throws InterruptedException {
    RelayLog log = RelayLog.open(folder, maxFileBytes, clusterId);
    try {
      Sink sink = behind.open(loaded, start, deleting(log, listener));
      return new RelaySink(sink, log, listener);
    } catch (RuntimeException | InterruptedException e) {
      log.close();
      throw e;
    }
  }

  private static SinkListener deleting(RelayLog log, SinkListener listener) {
    return new SinkListener() {
      @Override
      public void onAcknowledged(SinkItem item) {
        listener.onAcknowledged(item);
        log.acknowledged(item.commitTs());
      }

      @Override
      public void onFailure(Throwable cause) {
        listener.onFailure(cause);
      }
    };
  }

  @Override
  public void close() {
    behind.close();
  }
}
