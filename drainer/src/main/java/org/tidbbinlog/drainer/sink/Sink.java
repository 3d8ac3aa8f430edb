package org.tidbbinlog.drainer.sink;

import java.time.Duration;
import java.util.Optional;
import org.tidbbinlog.base.Tso;

/**
 * A target. The pipeline calls {@link #submit} from one thread, in commit order; the sink works
 * behind it and reports through the {@link SinkListener} it was built with, in the same order.
 *
 * <p>Promises: bounded memory ({@code submit} blocks when full, I10); an item is acknowledged only
 * when it and all before it are durable at the target (I6); after a crash and a restart from the
 * last checkpoint the target is as if each item had been applied once (I7).
 */
public interface Sink extends AutoCloseable {
  /**
   * Hands over the next item; blocks while the sink is full; throws what stopped the sink if it has
   * stopped. The sink gives its rows back, also when this throws: when they are applied, or when it
   * is closed.
   */
  void submit(SinkItem item) throws InterruptedException;

  /**
   * An orderly stop begins, from any thread: a {@link #submit} that waits and has done nothing yet
   * for its item ends with {@link InterruptedException}; one that has begun goes on to its end, so
   * that a transaction or a DDL is handed over whole. For sinks that begin at once there is nothing
   * to do.
   */
  default void takeNoMore() {}

  /**
   * Waits until everything submitted is acknowledged.
   *
   * @return false when {@code limit} passed first
   */
  boolean drain(Duration limit) throws InterruptedException;

  /**
   * The newest commit timestamp of which the target had anything when this was opened; zero where
   * the target does not tell.
   */
  default Tso foundUpTo() {
    return Tso.ZERO;
  }

  /**
   * Whether the target may have rows of transactions that come after this one, from an earlier life
   * or from somebody who wrote to it before: then to end there in order leaves no consistent
   * target.
   */
  default boolean mayHoldBeyond(Tso commitTs) {
    return false;
  }

  /** The oldest transaction under way, if there is one; asked from any thread, does not wait. */
  default Optional<Applying> applying() {
    return Optional.empty();
  }

  /** Stops at once; what is in flight may or may not be applied. */
  @Override
  void close();
}
