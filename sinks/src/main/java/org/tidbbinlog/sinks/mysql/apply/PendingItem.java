package org.tidbbinlog.sinks.mysql.apply;

import java.util.concurrent.atomic.AtomicInteger;
import org.tidbbinlog.drainer.sink.SinkItem;

/** An item on its way: how many of its units are not committed yet. */
public final class PendingItem {
  private final SinkItem item;
  // One more than the open units until all are handed out.
  private final AtomicInteger open = new AtomicInteger(1);

  PendingItem(SinkItem item) {
    this.item = item;
  }

  SinkItem item() {
    return item;
  }

  void unitAdded() {
    open.incrementAndGet();
  }

  /** One unit is committed, or the handing out has ended; true when that was the last. */
  boolean unitDone() {
    return open.decrementAndGet() == 0;
  }

  boolean isDone() {
    return open.get() == 0;
  }
}
