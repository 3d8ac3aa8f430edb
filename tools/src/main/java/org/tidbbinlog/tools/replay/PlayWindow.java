package org.tidbbinlog.tools.replay;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.tools.replay.PlayedTransaction.Phase;

/**
 * Which record may be written next, so that Pumps see what TiDB's two-phase commit would show them:
 * a transaction takes its commit timestamp only after its Prewrite is durable. With captured
 * timestamps that means: a Commit is written only when every transaction with a smaller commit
 * timestamp has its Prewrite acknowledged. Everything else is free, and drawn at random.
 *
 * <p>Holds at most {@link #MAX_TRANSACTIONS} transactions and, beyond one, {@link #MAX_BYTES}. All
 * methods may be called by several writers.
 */
final class PlayWindow {
  static final int MAX_TRANSACTIONS = 256;
  static final long MAX_BYTES = 32L << 20;

  /** How far behind the first waiting Prewrite another one may be drawn. */
  private static final int SPREAD = 32;

  /** From how many ready Commits one is drawn: few, for a Pump asks TiKV after a second. */
  private static final int COMMIT_SPREAD = 8;

  private final Iterator<PlayedTransaction> source;
  private final RandomGenerator random;
  private final FrontierListener listener;
  private final Deque<PlayedTransaction> window = new ArrayDeque<>();
  private Optional<PlayedTransaction> upcoming;
  private long windowBytes;
  private Tso frontier = Tso.ZERO;
  private long done;
  private boolean stopped;

  /** What a writer does next. */
  record Task(PlayedTransaction transaction, Phase phase) {}

  /** Told, in order, up to where commit timestamps are taken. */
  interface FrontierListener {
    /**
     * @param reached commit timestamp of the last transaction of the prewritten prefix
     * @param taken the transactions whose commit timestamp was taken just now
     * @param next commit timestamp of the first transaction after it, {@link Tso#MAX} at the end
     */
    void onFrontier(Tso reached, Tso next, List<PlayedTransaction> taken);
  }

  PlayWindow(
      Iterator<PlayedTransaction> source, RandomGenerator random, FrontierListener listener) {
    this.source = source;
    this.random = random;
    this.listener = listener;
    this.upcoming = advance();
  }

  /** Blocks until there is something to write; empty when all is written, or after a stop. */
  synchronized Optional<Task> take() throws InterruptedException {
    while (!stopped) {
      refill();
      if (window.isEmpty()) {
        return Optional.empty();
      }
      List<Task> choices = choices();
      if (!choices.isEmpty()) {
        Task task = choices.get(random.nextInt(choices.size()));
        task.transaction().phase(task.phase());
        return Optional.of(task);
      }
      wait();
    }
    return Optional.empty();
  }

  /** Prewrites or Commits, whichever the coin says; the other ones when there are none. */
  private List<Task> choices() {
    List<Task> prewrites = new ArrayList<>();
    List<Task> commits = new ArrayList<>();
    int ahead = 0;
    for (PlayedTransaction transaction : window) {
      switch (transaction.phase()) {
        case WAITING -> {
          ahead++;
          prewrites.add(new Task(transaction, Phase.PREWRITING));
        }
        case PREWRITING -> ahead++;
        case PREWRITTEN -> {
          if (commits.size() < COMMIT_SPREAD && !transaction.commitTs().isAfter(frontier)) {
            commits.add(new Task(transaction, Phase.COMMITTING));
          }
        }
        case COMMITTING, DONE -> {}
      }
      if (ahead >= SPREAD) {
        break;
      }
    }
    boolean commitsFirst = random.nextBoolean();
    List<Task> wanted = commitsFirst ? commits : prewrites;
    return wanted.isEmpty() ? (commitsFirst ? prewrites : commits) : wanted;
  }

  /** The task was acknowledged. */
  synchronized void acknowledged(Task task) {
    if (task.phase() == Phase.PREWRITING) {
      task.transaction().phase(Phase.PREWRITTEN);
      refill();
      moveFrontier();
    } else {
      task.transaction().phase(Phase.DONE);
      done++;
      while (!window.isEmpty() && window.element().phase() == Phase.DONE) {
        windowBytes -= window.remove().sizeBytes();
      }
    }
    notifyAll();
  }

  private void moveFrontier() {
    List<PlayedTransaction> taken = new ArrayList<>();
    Tso next = upcoming.map(PlayedTransaction::commitTs).orElse(Tso.MAX);
    Tso reached = frontier;
    for (PlayedTransaction transaction : window) {
      if (transaction.phase() == Phase.WAITING || transaction.phase() == Phase.PREWRITING) {
        next = transaction.commitTs();
        break;
      }
      if (transaction.commitTs().isAfter(frontier)) {
        taken.add(transaction);
        reached = transaction.commitTs();
      }
    }
    if (!taken.isEmpty()) {
      frontier = reached;
      listener.onFrontier(reached, next, taken);
    }
  }

  private void refill() {
    while (upcoming.isPresent()
        && window.size() < MAX_TRANSACTIONS
        && (window.isEmpty() || windowBytes + upcoming.get().sizeBytes() <= MAX_BYTES)) {
      window.add(upcoming.get());
      windowBytes += upcoming.get().sizeBytes();
      upcoming = advance();
    }
  }

  private Optional<PlayedTransaction> advance() {
    return source.hasNext() ? Optional.of(source.next()) : Optional.empty();
  }

  /** Transactions whose two records are written. */
  synchronized long done() {
    return done;
  }

  synchronized Tso frontier() {
    return frontier;
  }

  /** Ends every {@link #take}. */
  synchronized void stop() {
    stopped = true;
    notifyAll();
  }
}
