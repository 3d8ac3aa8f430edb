package org.tidbbinlog.sinks.mysql.ddl;

import java.time.Duration;
import java.util.function.Consumer;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.node.process.DaemonThread;

/**
 * Beside the DDL: looks at one that takes long, at the target, and drops what was kept long enough.
 * Owns its thread; a bug in it ends the sink, a fault of the target is only told.
 */
public final class DdlUpkeep implements AutoCloseable {
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(5);
  private static final int LOOKS_A_CLEANING = 12;
  private static final long CLOSE_LIMIT_MS = 5_000;

  private final DdlExecutor executor;
  private final Runnable alsoLook;
  private final Clock clock;
  private final Thread thread;

  /**
   * @param alsoLook what else is to be done every few seconds, and takes no time
   */
  public DdlUpkeep(
      DdlExecutor executor, Runnable alsoLook, Clock clock, Consumer<Throwable> onFailure) {
    this.executor = executor;
    this.alsoLook = alsoLook;
    this.clock = clock;
    this.thread = DaemonThread.named("sinks-mysql-upkeep-0", this::run, onFailure);
  }

  public void start() {
    thread.start();
  }

  private void run() throws InterruptedException {
    for (int look = 0; ; look++) {
      if (look % LOOKS_A_CLEANING == 0) {
        executor.cleanUp();
      }
      clock.sleep(BETWEEN_LOOKS);
      alsoLook.run();
      executor.lookAtRunning();
    }
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join(CLOSE_LIMIT_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
