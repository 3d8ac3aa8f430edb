package org.tidbbinlog.tools.bench;

import io.grpc.Channel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import org.tidbbinlog.base.OperatorException;

/**
 * Many {@link Writer}s over some connections until the transactions or the time is used up.
 * Counters are shared by the event loops; {@link #run} belongs to the caller. Transactions are
 * numbered on from those that were written before.
 */
final class WriteLoad {
  static final long NO_MORE = -1;
  private static final long PERIOD_MS = 1000;

  private final Transactions transactions;
  private final Oracle oracle;
  private final Plan plan;
  private final Written written;
  private final long firstNumber;
  private final AtomicLong taken = new AtomicLong();
  private final LongAdder done = new LongAdder();
  private final Recorder latencies = new Recorder(TimeUnit.MINUTES.toNanos(10), 3);
  private final CountDownLatch ended;
  private volatile boolean timeIsUp;
  private volatile String failure = "";

  /**
   * How much.
   *
   * @param count transactions
   * @param limit no new transaction begins after this time
   */
  record Plan(int writers, long count, Duration limit) {}

  WriteLoad(Transactions transactions, Oracle oracle, Plan plan, Written written) {
    this.transactions = transactions;
    this.oracle = oracle;
    this.plan = plan;
    this.written = written;
    this.firstNumber = written.size();
    this.ended = new CountDownLatch(plan.writers());
  }

  /** Blocks until all is written; {@code progress} is called about once a second. */
  WriteResult run(List<? extends Channel> connections, Consumer<WriteResult.Period> progress)
      throws InterruptedException {
    Histogram all = new Histogram(TimeUnit.MINUTES.toNanos(10), 3);
    WriteResult.Series series = new WriteResult.Series();
    long beginNs = System.nanoTime();
    for (int i = 0; i < plan.writers(); i++) {
      new Writer(connections.get(i % connections.size()), this).next();
    }
    long before = 0;
    boolean over = false;
    while (!over) {
      long periodNs = System.nanoTime();
      over = ended.await(PERIOD_MS, TimeUnit.MILLISECONDS);
      Histogram part = latencies.getIntervalHistogram();
      all.add(part);
      long now = done.sum();
      long nowNs = System.nanoTime();
      WriteResult.Period period =
          new WriteResult.Period(
              (nowNs - beginNs) / 1e9, now, (now - before) * 1e9 / (nowNs - periodNs), part);
      before = now;
      series.add(period);
      progress.accept(period);
      timeIsUp = nowNs - beginNs >= plan.limit().toNanos();
    }
    if (!failure.isEmpty()) {
      throw new OperatorException("write failed: " + failure);
    }
    return new WriteResult(done.sum(), (System.nanoTime() - beginNs) / 1e9, all, series);
  }

  // --- called by writers ---------------------------------------------------------------------

  long takeNumber() {
    if (timeIsUp || !failure.isEmpty()) {
      return NO_MORE;
    }
    long nth = taken.getAndIncrement();
    return nth < plan.count() ? firstNumber + nth : NO_MORE;
  }

  Transactions transactions() {
    return transactions;
  }

  Oracle oracle() {
    return oracle;
  }

  void prewritten(long tookNs) {
    latencies.recordValue(tookNs);
  }

  void committed(long number, long commitTs) {
    written.note(number, commitTs);
    done.increment();
  }

  synchronized void failed(String why) {
    if (failure.isEmpty()) {
      failure = why;
    }
  }

  void writerEnded() {
    ended.countDown();
  }
}
