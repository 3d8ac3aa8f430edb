package org.tidbbinlog.tools.replay;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.tidbbinlog.base.OperatorException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.tools.replay.PlayedTransaction.Phase;

/** Some writers that empty a {@link PlayWindow} into Pumps. One use. */
final class Play {
  private final PlayWindow window;
  private final BinlogWriter writer;
  private final List<Thread> writers = new ArrayList<>();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  Play(PlayWindow window, BinlogWriter writer) {
    this.window = window;
    this.writer = writer;
  }

  void start(int writerCount) {
    for (int i = 1; i <= writerCount; i++) {
      Thread thread = new Thread(this::write, "replay-writer-" + i);
      thread.setDaemon(true);
      writers.add(thread);
      thread.start();
    }
  }

  private void write() {
    try {
      for (Optional<PlayWindow.Task> task = window.take(); task.isPresent(); task = window.take()) {
        PlayedTransaction transaction = task.get().transaction();
        writer.write(
            task.get().phase() == Phase.PREWRITING ? transaction.prewrite() : transaction.commit());
        window.acknowledged(task.get());
      }
    } catch (InterruptedException e) {
      window.stop();
    } catch (RuntimeException | Error e) {
      failure.compareAndSet(null, e);
      window.stop();
    }
  }

  /** Whether every writer has ended; throws what stopped the first that failed. */
  boolean isOver() {
    Throwable cause = failure.get();
    if (cause instanceof OperatorException operator) {
      throw operator;
    }
    if (cause != null) {
      throw new IllegalStateException("writing to the Pumps failed: " + cause.getMessage(), cause);
    }
    return writers.stream().noneMatch(Thread::isAlive);
  }

  long done() {
    return window.done();
  }

  /** Up to here commit timestamps are taken. */
  Tso frontier() {
    return window.frontier();
  }

  /** Ends the writers without waiting for them. */
  void abandon() {
    window.stop();
    writers.forEach(Thread::interrupt);
  }
}
