package org.tidbbinlog.codec.row;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.tidbbinlog.codec.DecodeException;
import org.tidbbinlog.codec.bytes.ByteCursor;
import org.tidbbinlog.codec.datum.DatumFlag;
import org.tidbbinlog.codec.datum.Datums;
import org.tidbbinlog.codec.schema.ColumnInfo;
import org.tidbbinlog.codec.schema.TableInfo;
import org.tidbbinlog.codec.value.ColumnValue;

/**
 * Decodes the rows of a binlog with one version of their table. Make one a table version and keep
 * it: it holds the columns' lookup. Column lists of the results are shared and equal by identity.
 * Thread-safe. Source: mutations sections 2 to 5, row-format section 8.
 *
 * <pre>
 * insert: handle datums | id, value | id, value ...
 * update: id, value ... of the old row | id, value ... of the new row
 * delete: id, value ...
 * </pre>
 */
public final class RowDecoder {
  private final TableInfo table;
  private final ColumnSet written;
  private final ColumnSet deleted;
  private final HandleLayout handle;
  private final ColumnDefaults ownDefaults;

  /**
   * @param table the table as the schema tracker knows it now
   */
  public RowDecoder(TableInfo table) {
    this.table = table;
    this.written = new ColumnSet(table, column -> column.isPublic() && !column.isGenerated());
    this.deleted = new ColumnSet(table, column -> column.isPublic() && !column.hidden());
    this.handle = HandleLayout.of(table, written);
    this.ownDefaults = defaultsOf(table);
  }

  public TableInfo table() {
    return table;
  }

  /** Columns of inserted and updated rows: public and not generated. */
  public List<ColumnInfo> columns() {
    return written.columns();
  }

  /** Defaults by the decoder's own table. */
  public ColumnDefaults defaults() {
    return ownDefaults;
  }

  /** Defaults by the table as it was at the transaction's schema version; keep and reuse it. */
  public ColumnDefaults defaultsOf(TableInfo writersTable) {
    return new ColumnDefaults(written.columns(), writersTable);
  }

  /** Values aligned with {@link #columns()}. */
  public List<ColumnValue> insert(ByteBuffer row, ColumnDefaults defaults) {
    ByteCursor in = ByteCursor.over(row);
    ColumnValue[] values = new ColumnValue[written.size()];
    try {
      handle.skip(in);
      readRow(in, written, values);
      in.seek(0);
      handle.fill(in, written, values);
      fillGaps(values, defaults);
    } catch (DecodeException e) {
      throw e.within("inserted row of table " + table.id());
    }
    return list(values);
  }

  /** Both images aligned with {@link #columns()}, unless gaps are left out. */
  public DecodedUpdate update(ByteBuffer row, ColumnDefaults defaults, UpdateGaps gaps) {
    ByteCursor in = ByteCursor.over(row);
    ColumnValue[] before = new ColumnValue[written.size()];
    ColumnValue[] after = new ColumnValue[written.size()];
    try {
      if (!isEmptyRow(in)) {
        while (in.hasRemaining()) {
          readHalf(in, before, after);
        }
      }
      boolean gap = false;
      for (int i = 0; i < before.length; i++) {
        requireBothHalves(i, before[i] == null, after[i] == null, gaps);
        gap |= before[i] == null;
      }
      if (gap && gaps == UpdateGaps.LEAVE_OUT) {
        DecodedRow known = partial(written, before);
        return new DecodedUpdate(known.columns(), known.values(), partial(written, after).values());
      }
      fillGaps(before, defaults);
      fillGaps(after, defaults);
    } catch (DecodeException e) {
      throw e.within("updated row of table " + table.id());
    }
    return new DecodedUpdate(written.columns(), list(before), list(after));
  }

  /** Columns that the row lacks are left out. */
  public DecodedRow delete(ByteBuffer row) {
    ByteCursor in = ByteCursor.over(row);
    ColumnValue[] values = new ColumnValue[deleted.size()];
    try {
      readRow(in, deleted, values);
    } catch (DecodeException e) {
      throw e.within("deleted row of table " + table.id());
    }
    for (ColumnValue value : values) {
      if (value == null) {
        return partial(deleted, values);
      }
    }
    return new DecodedRow(deleted.columns(), list(values));
  }

  private static void readRow(ByteCursor in, ColumnSet columns, ColumnValue[] into) {
    if (in.hasRemaining() && in.peek() == RowV2.VERSION) {
      RowV2.read(in, columns, into);
      return;
    }
    if (isEmptyRow(in)) {
      return;
    }
    while (in.hasRemaining()) {
      int index = columns.indexOf(Datums.integer(in));
      if (index >= 0) {
        into[index] = decode(columns, index, in);
      } else {
        Datums.skip(in);
      }
    }
  }

  private void readHalf(ByteCursor in, ColumnValue[] before, ColumnValue[] after) {
    int index = written.indexOf(Datums.integer(in));
    if (index < 0) {
      Datums.skip(in);
    } else if (before[index] == null) {
      before[index] = decode(written, index, in);
    } else if (after[index] == null) {
      after[index] = decode(written, index, in);
    } else {
      throw in.fail("column " + written.columns().get(index).name() + " is there three times");
    }
  }

  private static ColumnValue decode(ColumnSet columns, int index, ByteCursor in) {
    try {
      return columns.codec(index).decode(in);
    } catch (DecodeException e) {
      throw e.within("column " + columns.columns().get(index).name());
    }
  }

  /** A row without columns is the single byte 00. */
  private static boolean isEmptyRow(ByteCursor in) {
    return in.remaining() == 1 && in.peek() == DatumFlag.NULL;
  }

  private void requireBothHalves(int index, boolean noBefore, boolean noAfter, UpdateGaps gaps) {
    if (noBefore != noAfter) {
      throw corrupt(index, "has one half only");
    }
    if (noBefore && gaps == UpdateGaps.REFUSE) {
      throw corrupt(index, "is missing");
    }
  }

  private DecodeException corrupt(int index, String what) {
    return new DecodeException(
        "row data is corrupted: column " + written.columns().get(index).name() + " " + what, 0);
  }

  private static void fillGaps(ColumnValue[] values, ColumnDefaults defaults) {
    for (int i = 0; i < values.length; i++) {
      if (values[i] == null) {
        values[i] = defaults.of(i);
      }
    }
  }

  private static DecodedRow partial(ColumnSet of, ColumnValue[] values) {
    List<ColumnValue> present = new ArrayList<>(values.length);
    for (ColumnValue value : values) {
      if (value != null) {
        present.add(value);
      }
    }
    return new DecodedRow(of.present(values), Collections.unmodifiableList(present));
  }

  private static List<ColumnValue> list(ColumnValue[] values) {
    return Collections.unmodifiableList(Arrays.asList(values));
  }
}
