package org.tidbbinlog.drainer.server;

import java.time.Duration;
import java.util.function.Consumer;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.drainer.checkpoint.CheckpointKeeper;

/** Saves the checkpoint of the last item before a pause, which no later item would save. */
final class CheckpointTimer implements AutoCloseable {
  private static final Duration PERIOD = Duration.ofSeconds(1);

  private final CheckpointKeeper checkpoint;
  private final Clock clock;
  private final Consumer<RuntimeException> onFailure;
  private final Thread thread = new Thread(this::run, "drainer-checkpoint-0");

  CheckpointTimer(CheckpointKeeper checkpoint, Clock clock, Consumer<RuntimeException> onFailure) {
    this.checkpoint = checkpoint;
    this.clock = clock;
    this.onFailure = onFailure;
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  private void run() {
    try {
      while (true) {
        clock.sleep(PERIOD);
        checkpoint.maybeSave();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      onFailure.accept(e);
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
