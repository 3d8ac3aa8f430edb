package org.tidbbinlog.pump.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.RetryableException;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.cluster.time.TimeSource;
import org.tidbbinlog.cluster.txn.TransactionFate;
import org.tidbbinlog.cluster.txn.TransactionStatus;

/**
 * Finds out what became of transactions whose Commit does not come: those whose rollback was
 * announced, at once, and those that hold up the head for longer than {@link
 * StoreSettings#danglingAfter}. Asks several at a time, outside any lock (I3). A commit is written
 * to the value log as a record of our own and sorted like any other; a rollback is only believed
 * from TiKV.
 *
 * <p>{@link #tick} belongs to the indexer's thread; questions run on the executor. Lock order:
 * sorter, then this.
 */
final class Resolver {
  private static final int LOOK_AT_HEADS = 256;
  private static final int MAX_NOTICES = 1 << 16;
  private static final Duration ASK_AGAIN = Duration.ofSeconds(1);
  private static final Logger LOG = LoggerFactory.getLogger(Resolver.class);

  /** Writes a record of our own; answers through the callback. */
  interface OwnRecords {
    void append(ByteBuffer record, AppendCallback done);
  }

  private enum Stage {
    ASKING,
    WRITING,
    RESTING
  }

  private static final class Question {
    Stage stage = Stage.ASKING;
    long restsUntilNs;
    String answer = "asking TiKV";
  }

  private record Prewrite(long startTs, long pointer, int bytes) {}

  private final Sorter sorter;
  private final ValueLog values;
  private final TransactionStatus transactions;
  private final TimeSource time;
  private final OwnRecords ownRecords;
  private final Executor executor;
  private final Runnable onAnswer;
  private final StoreSettings settings;
  private final StoreObserver observer;
  private final Clock clock;
  private final Map<Long, Question> questions = new HashMap<>();
  private final ArrayDeque<Long> notices = new ArrayDeque<>();
  private final LongAdder queries = new LongAdder();
  private final LongAdder rolledBack = new LongAdder();
  private final LongAdder ownCommits = new LongAdder();
  private int asking;
  private boolean roomAgain;

  Resolver(
      Sorter sorter,
      ValueLog values,
      TransactionStatus transactions,
      TimeSource time,
      OwnRecords ownRecords,
      Executor executor,
      Runnable onAnswer,
      StoreSettings settings,
      StoreObserver observer,
      Clock clock) {
    this.sorter = sorter;
    this.values = values;
    this.transactions = transactions;
    this.time = time;
    this.ownRecords = ownRecords;
    this.executor = executor;
    this.onAnswer = onAnswer;
    this.settings = settings;
    this.observer = observer;
    this.clock = clock;
  }

  /** Starts questions that are due, as many as may run at once. */
  void tick(List<Long> newNotices) {
    List<Prewrite> due = new ArrayList<>();
    synchronized (sorter) {
      synchronized (this) {
        roomAgain = false;
        forgetSettled();
        notices.addAll(newNotices.subList(0, Math.min(newNotices.size(), roomForNotices())));
        addNoticed(due);
        addHeads(due);
      }
    }
    for (Prewrite prewrite : due) {
      executor.execute(
          () -> {
            ask(prewrite);
            onAnswer.run();
          });
    }
  }

  /** An answer came since the last tick: the next question need not wait for the clock. */
  synchronized boolean hasRoomAgain() {
    return roomAgain;
  }

  private int roomForNotices() {
    return Math.max(0, MAX_NOTICES - notices.size());
  }

  private void forgetSettled() {
    Iterator<Long> starts = questions.keySet().iterator();
    while (starts.hasNext()) {
      if (!sorter.isWaiting(starts.next())) {
        starts.remove();
      }
    }
  }

  private void addNoticed(List<Prewrite> due) {
    while (!notices.isEmpty() && asking < settings.resolverThreads()) {
      int slot = sorter.waiting().find(notices.remove());
      if (slot != LongIntMap.ABSENT) {
        maybeAsk(slot, due);
      }
    }
  }

  private void addHeads(List<Prewrite> due) {
    PrewriteList waiting = sorter.waiting();
    long olderThan = clock.nanoTime() - settings.danglingAfter().toNanos();
    int slot = waiting.first();
    for (int i = 0; i < LOOK_AT_HEADS && slot != PrewriteList.END; i++) {
      if (waiting.sinceNs(slot) - olderThan > 0) {
        return;
      }
      if (asking < settings.resolverThreads()) {
        maybeAsk(slot, due);
      }
      slot = waiting.after(slot);
    }
  }

  private void maybeAsk(int slot, List<Prewrite> due) {
    PrewriteList waiting = sorter.waiting();
    long start = waiting.startTs(slot);
    Question question = questions.get(start);
    if (question == null) {
      questions.put(start, new Question());
    } else if (question.stage == Stage.RESTING && clock.nanoTime() - question.restsUntilNs >= 0) {
      question.stage = Stage.ASKING;
    } else {
      return;
    }
    asking++;
    due.add(new Prewrite(start, waiting.pointer(slot), waiting.length(slot)));
  }

  private void ask(Prewrite prewrite) {
    String answer;
    try {
      queries.increment();
      observer.transactionQueried();
      TransactionFate fate =
          transactions.fateOf(new Tso(prewrite.startTs()), key(prewrite), time.next());
      answer = apply(prewrite, fate);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      answer = "interrupted";
    } catch (RetryableException | CorruptRecordException | IOException e) {
      answer = String.valueOf(e.getMessage());
    } catch (RuntimeException | Error e) {
      LOG.atError()
          .addKeyValue("startTs", Long.toUnsignedString(prewrite.startTs()))
          .setCause(e)
          .log("transaction status failed");
      answer = String.valueOf(e.getMessage());
    }
    synchronized (this) {
      asking--;
      roomAgain = true;
      rest(prewrite, answer);
    }
  }

  private byte[] key(Prewrite prewrite) throws IOException {
    ByteBuffer record = values.read(new ReadWindow(0), prewrite.pointer(), prewrite.bytes());
    ByteBuffer key = new BinlogFields().read(record).bytes(BinlogFields.KEY);
    byte[] copy = new byte[key.remaining()];
    key.get(copy);
    return copy;
  }

  private synchronized void rest(Prewrite prewrite, String answer) {
    Question question = questions.get(prewrite.startTs());
    if (question != null && question.stage == Stage.ASKING) {
      question.stage = Stage.RESTING;
      question.restsUntilNs = clock.nanoTime() + ASK_AGAIN.toNanos();
      question.answer = answer;
    }
  }

  private String apply(Prewrite prewrite, TransactionFate fate) {
    if (fate instanceof TransactionFate.Committed committed) {
      return commit(prewrite, committed.commitTs().value());
    }
    if (fate instanceof TransactionFate.RolledBack) {
      rolledBack.increment();
      LOG.atDebug()
          .addKeyValue("startTs", Long.toUnsignedString(prewrite.startTs()))
          .log("prewrite rolled back");
      synchronized (sorter) {
        sorter.discard(prewrite.startTs());
      }
      return "rolled back";
    }
    return ((TransactionFate.Undecided) fate).why();
  }

  private String commit(Prewrite prewrite, long commitTs) {
    if (Long.compareUnsigned(commitTs, prewrite.startTs()) <= 0) {
      return "TiKV named commit ts " + Long.toUnsignedString(commitTs) + ", not after the start";
    }
    synchronized (sorter) {
      if (!sorter.isWaiting(prewrite.startTs())) {
        return "settled meanwhile";
      }
      if (Long.compareUnsigned(commitTs, sorter.maxCommitTs()) <= 0) {
        sorter.discard(prewrite.startTs());
        return "delivered before";
      }
      synchronized (this) {
        Question question = questions.get(prewrite.startTs());
        if (question != null) {
          question.stage = Stage.WRITING;
          question.answer = "committed, writing the Commit record";
        }
      }
    }
    ownRecords.append(
        Delivery.ownCommit(prewrite.startTs(), commitTs), new OwnCommitWritten(prewrite));
    return "committed";
  }

  private final class OwnCommitWritten implements AppendCallback {
    private final Prewrite prewrite;

    OwnCommitWritten(Prewrite prewrite) {
      this.prewrite = prewrite;
    }

    @Override
    public void durable() {
      ownCommits.increment();
      LOG.atInfo()
          .addKeyValue("startTs", Long.toUnsignedString(prewrite.startTs()))
          .log("commit record written for prewrite");
    }

    @Override
    public void failed(RuntimeException cause) {
      synchronized (Resolver.this) {
        Question question = questions.get(prewrite.startTs());
        if (question != null) {
          question.stage = Stage.ASKING;
        }
        rest(prewrite, String.valueOf(cause.getMessage()));
      }
    }
  }

  /** What is known of a waiting transaction, in words. */
  synchronized String state(long startTs) {
    Question question = questions.get(startTs);
    return question == null ? "waiting for its Commit" : question.answer;
  }

  long queries() {
    return queries.sum();
  }

  long rolledBack() {
    return rolledBack.sum();
  }

  long ownCommits() {
    return ownCommits.sum();
  }
}
