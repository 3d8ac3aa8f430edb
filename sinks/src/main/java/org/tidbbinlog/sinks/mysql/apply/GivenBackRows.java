package org.tidbbinlog.sinks.mysql.apply;

import java.util.Iterator;
import org.tidbbinlog.drainer.sink.RowChange;
import org.tidbbinlog.drainer.sink.TransactionRows;

/** What is left of rows that nobody may read any more. */
record GivenBackRows(int count, long schemaVersion, long sizeBytes) implements TransactionRows {
  static GivenBackRows of(TransactionRows rows) {
    return new GivenBackRows(rows.count(), rows.schemaVersion(), rows.sizeBytes());
  }

  @Override
  public Iterator<RowChange> iterator() {
    throw new IllegalStateException("rows are read after they were given back");
  }
}
