package org.tidbbinlog.sinks;

import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.drainer.sink.RowChange;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.StageTimes;
import org.tidbbinlog.drainer.sink.TransactionRows;

/** Rows that must be given back once, and not be read after that. */
public final class LentRows implements TransactionRows {
  private final List<RowChange> rows;
  private final AtomicInteger releases = new AtomicInteger();

  public LentRows(RowChange... rows) {
    this.rows = List.of(rows);
  }

  public SinkItem.Transaction at(long commitTs) {
    return new SinkItem.Transaction(
        new Tso(commitTs - 1), new Tso(commitTs), 1, this, new StageTimes());
  }

  /** How often they were given back. */
  public int releases() {
    return releases.get();
  }

  @Override
  public Iterator<RowChange> iterator() {
    if (releases.get() > 0) {
      throw new IllegalStateException("rows are read after they were given back");
    }
    return rows.iterator();
  }

  @Override
  public int count() {
    return rows.size();
  }

  @Override
  public long schemaVersion() {
    return 1;
  }

  @Override
  public long sizeBytes() {
    return rows.size() * 64L;
  }

  @Override
  public void release() {
    releases.incrementAndGet();
  }
}
