package org.tidbbinlog.tools.differ;

import java.util.Map;
import java.util.Optional;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.sink.Checkpoint;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.SinkListener;

/** Remembers how far a sink came, and that it never went back (I6). Thread-safe. */
final class Acknowledged implements SinkListener {
  private Optional<Checkpoint> last = Optional.empty();
  private Optional<Throwable> failure = Optional.empty();

  @Override
  public synchronized void onAcknowledged(SinkItem item) {
    Tso before = last.map(Checkpoint::commitTs).orElse(Tso.ZERO);
    if (!item.commitTs().isAfter(before)) {
      onFailure(new IllegalStateException(item.commitTs() + " is acknowledged after " + before));
    }
    last = Optional.of(new Checkpoint(false, item.commitTs(), Map.of(), item.schemaVersion()));
  }

  @Override
  public synchronized void onFailure(Throwable cause) {
    if (failure.isEmpty()) {
      failure = Optional.of(cause);
    }
  }

  /** What a Drainer would store now. */
  synchronized Optional<Checkpoint> checkpoint() {
    return last;
  }

  synchronized Optional<Throwable> failure() {
    return failure;
  }
}
