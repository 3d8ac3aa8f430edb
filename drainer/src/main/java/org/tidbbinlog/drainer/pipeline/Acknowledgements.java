package org.tidbbinlog.drainer.pipeline;

import java.util.concurrent.atomic.AtomicBoolean;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.drainer.checkpoint.CheckpointKeeper;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.SinkListener;
import org.tidbbinlog.drainer.sink.StageTimes;

/** The way back: from the sink to the checkpoint. Also where every failure is told, once. */
final class Acknowledgements implements SinkListener {
  private final CheckpointKeeper checkpoint;
  private final PipelineEvents events;
  private final Clock clock;
  private final AtomicBoolean failed = new AtomicBoolean();
  private volatile boolean sinkFailed;

  Acknowledgements(CheckpointKeeper checkpoint, PipelineEvents events, Clock clock) {
    this.checkpoint = checkpoint;
    this.events = events;
    this.clock = clock;
  }

  @Override
  public void onAcknowledged(SinkItem item) {
    item.times().mark(StageTimes.Stage.ACKNOWLEDGED, clock.nanoTime());
    try {
      count(item);
      events.onAcknowledged(item);
    } catch (RuntimeException e) {
      onFailure(e);
    }
  }

  /** An interrupt may cost the save that is due, never the acknowledgement. */
  private void count(SinkItem item) {
    try {
      checkpoint.acknowledged(item);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The sink has stopped for good. */
  @Override
  public void onFailure(Throwable cause) {
    sinkFailed = true;
    tellOnce(cause);
  }

  /** A station before the sink broke; the sink still works. */
  void onStationFailure(Throwable cause) {
    tellOnce(cause);
  }

  boolean sinkFailed() {
    return sinkFailed;
  }

  private void tellOnce(Throwable cause) {
    if (failed.compareAndSet(false, true)) {
      events.onFailure(cause);
    }
  }
}
