package org.tidbbinlog.sinks;

import java.util.Iterator;
import java.util.List;
import org.tidbbinlog.drainer.sink.RowChange;
import org.tidbbinlog.drainer.sink.TransactionRows;

/** The rows of a transaction that a test made. */
public record GivenRows(List<RowChange> rows, long schemaVersion, long sizeBytes)
    implements TransactionRows {
  public GivenRows {
    rows = List.copyOf(rows);
  }

  @Override
  public Iterator<RowChange> iterator() {
    return rows.iterator();
  }

  @Override
  public int count() {
    return rows.size();
  }
}
