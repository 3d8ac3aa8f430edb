package org.tidbbinlog.sinks.mysql.ddl;

import java.time.Duration;
import java.util.function.Consumer;
import org.tidbbinlog.base.Clock;

/**
 * Beside the DDL: looks at one that takes long, at the target, and drops what was kept long enough.
 * Owns its thread; a bug in it ends the sink, a fault of the target is only told.
 */
public final class DdlUpkeep implements AutoCloseable {
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(5);
  private static final int LOOKS_A_CLEANING = 12;
  private static final long CLOSE_LIMIT_MS = 5_000;

  private final DdlExecutor executor;
  private final Clock clock;
  private final Consumer<Throwable> onFailure;
  private final Thread thread = new Thread(this::run, "sinks-mysql-upkeep-0");

  public DdlUpkeep(DdlExecutor executor, Clock clock, Consumer<Throwable> onFailure) {
    this.executor = executor;
    this.clock = clock;
    this.onFailure = onFailure;
  }

  public void start() {
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    try {
      for (int look = 0; ; look++) {
        if (look % LOOKS_A_CLEANING == 0) {
          executor.cleanUp();
        }
        clock.sleep(BETWEEN_LOOKS);
        executor.lookAtRunning();
      }
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      onFailure.accept(e);
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
