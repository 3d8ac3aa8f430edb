package org.tidbbinlog.drainer.translate;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.DecodeException;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.codec.mutation.PrewriteValue;
import org.tidbbinlog.codec.mutation.RowMutation;
import org.tidbbinlog.codec.mutation.TableMutation;
import org.tidbbinlog.drainer.sink.RowChange;
import org.tidbbinlog.drainer.sink.TransactionRows;
import org.tidbbinlog.drainer.source.PulledPayload;

/**
 * Rows that stay in their payload, which may be a mapped file, and are decoded anew by each
 * iteration: one row at a time is on the heap (I10). Each step holds the payload while it reads.
 */
final class PayloadRows implements TransactionRows {
  private final Tso commitTs;
  private final PulledPayload payload;
  private final Payload value;
  private final Map<Long, TableRows> tables;
  private final long schemaVersion;
  private final int count;

  /**
   * @param payload what {@code value} is a view of
   * @param schemaVersion what {@code value} says of it
   * @param tables how to read the tables that pass the filters, by table id
   */
  PayloadRows(
      Tso commitTs,
      PulledPayload payload,
      Payload value,
      long schemaVersion,
      Map<Long, TableRows> tables) {
    this.commitTs = commitTs;
    this.payload = payload;
    this.value = value;
    this.schemaVersion = schemaVersion;
    this.tables = tables;
    this.count = payload.read(whole -> countRows());
  }

  @Override
  public int count() {
    return count;
  }

  @Override
  public long schemaVersion() {
    return schemaVersion;
  }

  @Override
  public long sizeBytes() {
    return value.size();
  }

  @Override
  public Iterator<RowChange> iterator() {
    try {
      return payload.read(whole -> new Rows(PrewriteValue.over(value.buffer()).iterator()));
    } catch (DecodeException e) {
      throw Garbage.in(commitTs, e);
    }
  }

  @Override
  public void release() {
    payload.letGo();
  }

  private int countRows() {
    int rows = 0;
    try {
      for (TableMutation mutation : PrewriteValue.over(value.buffer())) {
        TableRows table = tables.get(mutation.tableId());
        if (table != null && table.keepsAll()) {
          rows += mutation.rowCount();
        } else if (table != null) {
          for (RowMutation row : mutation) {
            rows += table.keeps(row) ? 1 : 0;
          }
        }
      }
      return rows;
    } catch (DecodeException e) {
      throw Garbage.in(commitTs, e);
    }
  }

  private final class Rows implements Iterator<RowChange> {
    private final PulledPayload.Reading<Boolean, RuntimeException> step = whole -> readOn();
    private final Iterator<TableMutation> mutations;
    private Iterator<RowMutation> rows = List.<RowMutation>of().iterator();
    private @Nullable TableRows table;
    private @Nullable RowChange next;

    Rows(Iterator<TableMutation> mutations) {
      this.mutations = mutations;
    }

    @Override
    public boolean hasNext() {
      return next != null || payload.read(step);
    }

    private boolean readOn() {
      try {
        while (next == null && (rows.hasNext() || nextTable())) {
          readRow();
        }
      } catch (DecodeException e) {
        throw Garbage.in(commitTs, e);
      }
      return next != null;
    }

    @Override
    public RowChange next() {
      RowChange row = hasNext() ? next : null;
      if (row == null) {
        throw new NoSuchElementException();
      }
      next = null;
      return row;
    }

    private boolean nextTable() {
      if (!mutations.hasNext()) {
        return false;
      }
      TableMutation mutation = mutations.next();
      table = tables.get(mutation.tableId());
      rows = table == null ? List.<RowMutation>of().iterator() : mutation.iterator();
      return true;
    }

    private void readRow() {
      if (table != null && rows.hasNext()) {
        RowMutation row = rows.next();
        next = table.keeps(row) ? table.decode(row) : null;
      }
    }
  }
}
