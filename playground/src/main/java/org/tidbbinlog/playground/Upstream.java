package org.tidbbinlog.playground;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.testkit.ClusterDouble;
import org.tidbbinlog.testkit.workload.MetaWrite;
import org.tidbbinlog.testkit.workload.WorkloadStep;
import org.tidbbinlog.tools.replay.BinlogWriter;

/**
 * Plays TiDB's part of two-phase commit for steps whose commit order is given: first and second
 * records are written by several threads at once, and each transaction takes its commit timestamp
 * only after its first record is durable and after the transactions before it took theirs. A DDL
 * runs alone. At most {@link #WINDOW} transactions are under way.
 *
 * <pre>
 * submit ─▶ Prewrite (any order) ─▶ commit timestamp (in order) ─▶ TiKV ─▶ Commit (any order)
 *                                └▶ or rolled back ─────────────▶ TiKV ─▶ Rollback
 * </pre>
 */
public final class Upstream implements AutoCloseable {
  static final int WINDOW = 64;
  private static final int WRITERS = 8;
  private static final Duration LOCK_TTL = Duration.ofMinutes(10);

  private final ClusterDouble cluster;
  private final BinlogWriter pumps;
  private final BlockingQueue<Runnable> work = new ArrayBlockingQueue<>(4 * WINDOW);
  private final Deque<UnderWay> inOrder = new ArrayDeque<>();
  private final List<Long> commits = Collections.synchronizedList(new ArrayList<>());
  private final AtomicLong rolledBack = new AtomicLong();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final List<Thread> threads = new ArrayList<>();
  private int open;

  /** A step between its two records; guarded by the upstream. */
  private static final class UnderWay {
    private final WorkloadStep step;
    private boolean acknowledged;

    UnderWay(WorkloadStep step) {
      this.step = step;
    }
  }

  public Upstream(ClusterDouble cluster, BinlogWriter pumps) {
    this.cluster = cluster;
    this.pumps = pumps;
    for (int i = 1; i <= WRITERS; i++) {
      Thread thread = new Thread(this::write, "playground-writer-" + i);
      thread.setDaemon(true);
      threads.add(thread);
      thread.start();
    }
  }

  /**
   * Begins a step; blocks while too many are under way, throws what stopped a writer. One thread
   * calls this.
   */
  public void submit(WorkloadStep step) throws InterruptedException {
    boolean alone = step.kind() == WorkloadStep.Kind.DDL;
    awaitFewerThan(alone ? 1 : WINDOW);
    requireWriters();
    UnderWay begun = new UnderWay(step);
    synchronized (this) {
      open++;
      inOrder.add(begun);
    }
    Binlog prewrite = step.prewrite();
    cluster.tikv().lockTransaction(prewrite.startTs(), prewrite.prewriteKey().toBytes(), LOCK_TTL);
    work.put(
        () -> {
          writeBinlog(prewrite);
          acknowledged(begun);
        });
    if (alone) {
      awaitFewerThan(1);
    }
  }

  private synchronized void awaitFewerThan(int limit) throws InterruptedException {
    while (open >= limit && failure.get() == null) {
      wait();
    }
  }

  private synchronized void acknowledged(UnderWay step) {
    step.acknowledged = true;
    while (!inOrder.isEmpty() && inOrder.element().acknowledged) {
      Optional<Binlog> notice = end(inOrder.remove().step);
      // The queue holds two tasks a transaction at most: there is always room.
      work.add(
          () -> {
            notice.ifPresent(this::writeBinlog);
            ended();
          });
    }
  }

  /** Decides the transaction in TiKV; answers its second record. */
  private Optional<Binlog> end(WorkloadStep step) {
    Binlog prewrite = step.prewrite();
    byte[] primary = prewrite.prewriteKey().toBytes();
    if (step instanceof WorkloadStep.Transaction transaction) {
      if (!transaction.outcome().isCommitted()) {
        cluster.tikv().rollbackTransaction(prewrite.startTs(), primary);
        rolledBack.incrementAndGet();
        return transaction.outcome().notice(prewrite, Tso.ZERO);
      }
      return transaction.outcome().notice(prewrite, commit(prewrite, primary));
    }
    WorkloadStep.Ddl ddl = (WorkloadStep.Ddl) step;
    Tso commitTs = cluster.pd().nextTso();
    ddl.atCommit().forEach(meta -> put(cluster, meta, commitTs));
    cluster.tikv().commitTransaction(prewrite.startTs(), commitTs, primary);
    commits.add(commitTs.value());
    if (!ddl.afterCommit().isEmpty()) {
      Tso later = cluster.pd().nextTso();
      ddl.afterCommit().forEach(meta -> put(cluster, meta, later));
    }
    return Optional.of(Binlog.commitOf(prewrite, commitTs));
  }

  private Tso commit(Binlog prewrite, byte[] primary) {
    Tso commitTs = cluster.pd().nextTso();
    cluster.tikv().commitTransaction(prewrite.startTs(), commitTs, primary);
    commits.add(commitTs.value());
    return commitTs;
  }

  /** A meta key changes. */
  public static void put(ClusterDouble cluster, MetaWrite meta, Tso commitTs) {
    if (meta.isDelete()) {
      cluster.tikv().deleteMeta(meta.key().encode(), commitTs);
    } else {
      cluster.tikv().putMeta(meta.key().encode(), meta.value().toBytes(), commitTs);
    }
  }

  private synchronized void ended() {
    open--;
    notifyAll();
  }

  private void writeBinlog(Binlog binlog) {
    try {
      pumps.write(binlog);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void write() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        work.take().run();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      failure.compareAndSet(null, e);
      ended();
    }
  }

  /** True when nothing is under way; throws what stopped a writer. */
  public synchronized boolean isIdle() {
    requireWriters();
    return open == 0;
  }

  private void requireWriters() {
    Throwable cause = failure.get();
    if (cause instanceof RuntimeException unchecked) {
      throw unchecked;
    }
    if (cause != null) {
      throw new IllegalStateException(cause);
    }
  }

  public long committed() {
    return commits.size();
  }

  long committedUpTo(Tso checkpoint) {
    return CommitCounts.upTo(commits, checkpoint);
  }

  public Tso lastCommitTs() {
    synchronized (commits) {
      return commits.isEmpty() ? Tso.ZERO : new Tso(commits.get(commits.size() - 1));
    }
  }

  long rolledBack() {
    return rolledBack.get();
  }

  @Override
  public void close() {
    threads.forEach(Thread::interrupt);
  }
}
