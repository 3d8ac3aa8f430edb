package org.tidbbinlog.drainer.translate;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.tidbbinlog.drainer.sink.RowChange;
import org.tidbbinlog.drainer.sink.TransactionRows;

/** Rows of a small transaction, decoded once. */
final class DecodedRows implements TransactionRows {
  private final List<RowChange> rows;
  private final long schemaVersion;
  private final long sizeBytes;

  private DecodedRows(List<RowChange> rows, long schemaVersion, long sizeBytes) {
    this.rows = rows;
    this.schemaVersion = schemaVersion;
    this.sizeBytes = sizeBytes;
  }

  static DecodedRows of(PayloadRows payload) {
    List<RowChange> rows = new ArrayList<>(payload.count());
    payload.forEach(rows::add);
    return new DecodedRows(List.copyOf(rows), payload.schemaVersion(), payload.sizeBytes());
  }

  @Override
  public Iterator<RowChange> iterator() {
    return rows.iterator();
  }

  @Override
  public int count() {
    return rows.size();
  }

  @Override
  public long schemaVersion() {
    return schemaVersion;
  }

  @Override
  public long sizeBytes() {
    return sizeBytes;
  }
}
