package org.tidbbinlog.drainer.server;

import java.time.Duration;
import java.util.function.Consumer;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.drainer.checkpoint.CheckpointKeeper;
import org.tidbbinlog.node.process.DaemonThread;

/** Saves the checkpoint of the last item before a pause, which no later item would save. */
final class CheckpointTimer implements AutoCloseable {
  private static final Duration PERIOD = Duration.ofSeconds(1);

  private final CheckpointKeeper checkpoint;
  private final Clock clock;
  private final Thread thread;

  CheckpointTimer(CheckpointKeeper checkpoint, Clock clock, Consumer<Throwable> onFailure) {
    this.checkpoint = checkpoint;
    this.clock = clock;
    this.thread = DaemonThread.named("drainer-checkpoint-0", this::run, onFailure);
  }

  void start() {
    thread.start();
  }

  private void run() throws InterruptedException {
    while (true) {
      clock.sleep(PERIOD);
      checkpoint.maybeSave();
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
