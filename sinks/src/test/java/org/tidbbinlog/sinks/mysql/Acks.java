package org.tidbbinlog.sinks.mysql;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.SinkListener;

/** Remembers acknowledgements and checks their order (I6). */
final class Acks implements SinkListener {
  private final AtomicLong last = new AtomicLong();
  final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  /** The newest acknowledged commit timestamp, or zero. */
  Tso last() {
    return new Tso(last.get());
  }

  @Override
  public void onAcknowledged(SinkItem item) {
    Tso before = new Tso(last.getAndSet(item.commitTs().value()));
    if (!item.commitTs().isAfter(before)) {
      throw new IllegalStateException(item.commitTs() + " acknowledged after " + before);
    }
  }

  @Override
  public void onFailure(Throwable cause) {
    failure.compareAndSet(null, cause);
  }
}
