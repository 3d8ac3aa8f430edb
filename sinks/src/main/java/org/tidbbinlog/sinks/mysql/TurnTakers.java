package org.tidbbinlog.sinks.mysql;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Lock;
import java.util.function.Consumer;
import org.tidbbinlog.node.process.DaemonThread;

/**
 * Threads that act beside the submitting one, each when it has reason to, one at a time under the
 * gate's lock.
 */
final class TurnTakers implements AutoCloseable {
  private static final long CLOSE_LIMIT_MS = 5_000;

  /** Waits until there is something to do; false when there never will be. */
  interface Occasion {
    boolean await() throws InterruptedException;
  }

  /** What is done in a turn. */
  interface Step {
    void run() throws InterruptedException, SQLException;
  }

  private final Lock turn;
  private final Consumer<Throwable> onFailure;
  private final List<Thread> threads = new ArrayList<>();

  TurnTakers(Lock turn, Consumer<Throwable> onFailure) {
    this.turn = turn;
    this.onFailure = onFailure;
  }

  void start(String name, Occasion occasion, Step step) {
    Thread thread = DaemonThread.named(name, () -> run(occasion, step), onFailure);
    threads.add(thread);
    thread.start();
  }

  private void run(Occasion occasion, Step step) throws InterruptedException, SQLException {
    while (occasion.await()) {
      turn.lockInterruptibly();
      try {
        step.run();
      } finally {
        turn.unlock();
      }
    }
  }

  @Override
  public void close() {
    threads.forEach(Thread::interrupt);
    try {
      for (Thread thread : threads) {
        thread.join(CLOSE_LIMIT_MS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
