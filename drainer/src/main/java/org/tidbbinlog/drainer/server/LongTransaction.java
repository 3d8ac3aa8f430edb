package org.tidbbinlog.drainer.server;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.sink.Applying;
import org.tidbbinlog.node.process.DaemonThread;

/**
 * Tells how far the oldest transaction is when it takes long, since what is applied stands still
 * meanwhile: to whoever asks after a second, in the log every ten. A thread of its own looks;
 * {@link #look} is for it alone, {@link #now} for any.
 */
final class LongTransaction implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LongTransaction.class);
  private static final Duration LOOKED_EVERY = Duration.ofSeconds(1);
  private static final Duration SHOWN_AFTER = Duration.ofSeconds(1);
  private static final Duration TOLD_EVERY = Duration.ofSeconds(10);

  private final Supplier<Optional<Applying>> applying;
  private final BooleanSupplier held;
  private final Clock clock;
  private final Thread thread;
  private Tso told = Tso.ZERO;
  private long toldNanos;

  /** What is shown. */
  record Progress(Tso commitTs, long rowsApplied, long rowsTotal, Instant since) {}

  /**
   * @param held whether rows wait for somebody's choice, which the log tells elsewhere
   */
  LongTransaction(
      Supplier<Optional<Applying>> applying,
      BooleanSupplier held,
      Clock clock,
      Consumer<Throwable> onFailure) {
    this.applying = applying;
    this.held = held;
    this.clock = clock;
    this.thread = DaemonThread.named("drainer-progress-0", this::run, onFailure);
  }

  void start() {
    thread.start();
  }

  Optional<Progress> now() {
    return applying
        .get()
        .filter(one -> lasted(one).compareTo(SHOWN_AFTER) > 0)
        .map(
            one ->
                new Progress(
                    one.commitTs(),
                    one.rowsApplied(),
                    one.rowsTotal(),
                    clock.now().minus(lasted(one))));
  }

  private Duration lasted(Applying one) {
    return Duration.ofNanos(clock.nanoTime() - one.sinceNanos());
  }

  private void run() throws InterruptedException {
    while (true) {
      clock.sleep(LOOKED_EVERY);
      var unused = look();
    }
  }

  /** Writes to the log if it is time; answers whether. */
  boolean look() {
    Optional<Applying> found = held.getAsBoolean() ? Optional.empty() : applying.get();
    if (found.isEmpty()) {
      return false;
    }
    Applying one = found.get();
    long before = one.commitTs().equals(told) ? toldNanos : one.sinceNanos();
    if (clock.nanoTime() - before < TOLD_EVERY.toNanos()) {
      return false;
    }
    told = one.commitTs();
    toldNanos = clock.nanoTime();
    LOG.atInfo()
        .addKeyValue("commit-ts", one.commitTs())
        .addKeyValue("rows-applied", one.rowsApplied())
        .addKeyValue("rows-total", one.rowsTotal())
        .addKeyValue("seconds", lasted(one).toSeconds())
        .log("transaction takes long");
    return true;
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
