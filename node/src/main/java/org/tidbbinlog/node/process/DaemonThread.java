package org.tidbbinlog.node.process;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Threads that do not die in silence: what ends a body before its time, an {@link Error} too, goes
 * to whoever stops the node for it. A node that stops is started again, one that hangs is not.
 */
public final class DaemonThread {
  private static final Logger LOG = LoggerFactory.getLogger(DaemonThread.class);

  private DaemonThread() {}

  /** What a thread does until it is interrupted, or has nothing left to do. */
  @FunctionalInterface
  public interface Body {
    void run() throws Exception;
  }

  /**
   * A thread that is not started yet.
   *
   * @param name as in {@code docs/threads.md}
   * @param onDeath hears, on the thread, of anything but an interrupt
   */
  public static Thread named(String name, Body body, Consumer<Throwable> onDeath) {
    Thread thread = new Thread(() -> run(body, onDeath), name);
    thread.setDaemon(true);
    return thread;
  }

  private static void run(Body body, Consumer<Throwable> onDeath) {
    try {
      body.run();
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    } catch (Exception | Error e) {
      onDeath.accept(e);
    }
  }

  /**
   * Threads of a pool whose tasks have nothing to do with one another: one that fails is logged,
   * the others go on.
   *
   * @param name what the threads' names begin with, before their number from 0
   */
  public static ThreadFactory ofPool(String name) {
    AtomicInteger number = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, name + "-" + number.getAndIncrement());
      thread.setDaemon(true);
      thread.setUncaughtExceptionHandler(
          (of, cause) ->
              LOG.atError()
                  .addKeyValue("thread", of.getName())
                  .setCause(cause)
                  .log("task of a pool failed"));
      return thread;
    };
  }

  /** What a thread died of, for another one to throw that cannot go on without it. */
  public static RuntimeException unchecked(Throwable cause) {
    return cause instanceof RuntimeException runtime
        ? runtime
        : new IllegalStateException("a thread died: " + cause, cause);
  }
}
