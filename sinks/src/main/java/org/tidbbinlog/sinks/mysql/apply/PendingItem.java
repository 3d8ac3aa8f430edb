package org.tidbbinlog.sinks.mysql.apply;

import java.util.Collections;
import java.util.Iterator;
import java.util.concurrent.atomic.AtomicInteger;
import org.tidbbinlog.drainer.sink.RowChange;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.TransactionRows;

/** An item on its way: how many of its units are not committed yet. */
public final class PendingItem {
  private static final TransactionRows NO_ROWS =
      new TransactionRows() {
        @Override
        public Iterator<RowChange> iterator() {
          return Collections.emptyIterator();
        }

        @Override
        public int count() {
          return 0;
        }

        @Override
        public long sizeBytes() {
          return 0;
        }
      };

  // Under the lock of the queue it is in, once it is done.
  private volatile SinkItem item;
  // One more than the open units until all are handed out.
  private final AtomicInteger open = new AtomicInteger(1);

  PendingItem(SinkItem item) {
    this.item = item;
  }

  SinkItem item() {
    return item;
  }

  /**
   * It is done and waits for its acknowledgement: its rows are not needed for that.
   *
   * @return false when there was nothing to let go
   */
  boolean letGoRows() {
    if (item.kind() != SinkItem.Kind.TRANSACTION) {
      return false;
    }
    SinkItem.Transaction full = (SinkItem.Transaction) item;
    if (full.rows() == NO_ROWS) {
      return false;
    }
    item =
        new SinkItem.Transaction(
            full.startTs(), full.commitTs(), full.schemaVersion(), NO_ROWS, full.times());
    full.rows().release();
    return true;
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
