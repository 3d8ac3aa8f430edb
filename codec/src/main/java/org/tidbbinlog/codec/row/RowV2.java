package org.tidbbinlog.codec.row;

import org.tidbbinlog.codec.bytes.ByteCursor;
import org.tidbbinlog.codec.value.ColumnValue;

/**
 * A row as TiKV stores it since v4.0; binlogs never carry it, the original accepts it in inserts
 * and deletes.
 *
 * <pre>
 * | 80 | flags | N u16 | M u16 | N ids | M null ids | N end offsets | data | [checksum] |
 * </pre>
 *
 * Little-endian; ids take 1 byte, or 4 in a large row, offsets 2 or 4. Source: row-format section
 * 6.
 */
final class RowV2 {
  static final int VERSION = 0x80;
  static final int LARGE = 0x01;

  private final ByteCursor in;
  private final int idBytes;
  private final int offsetBytes;
  private final int values;
  private final int nulls;

  private RowV2(ByteCursor in) {
    this.in = in;
    in.skip(1);
    boolean large = (in.u8() & LARGE) != 0;
    this.idBytes = large ? 4 : 1;
    this.offsetBytes = large ? 4 : 2;
    this.values = in.le16();
    this.nulls = in.le16();
  }

  /** Reads the rest of the cursor into the values of the columns that the row has. */
  static void read(ByteCursor in, ColumnSet columns, ColumnValue[] into) {
    new RowV2(in).read(columns, into);
  }

  private void read(ColumnSet columns, ColumnValue[] into) {
    int idsAt = in.offset();
    int nullsAt = idsAt + values * idBytes;
    int offsetsAt = nullsAt + nulls * idBytes;
    int dataAt = offsetsAt + values * offsetBytes;
    int size = in.offset() + in.remaining();
    if (dataAt > size) {
      throw in.fail("row of " + values + " values and " + nulls + " nulls is too short");
    }
    long start = 0;
    for (int i = 0; i < values; i++) {
      long end = number(offsetsAt + i * offsetBytes, offsetBytes);
      if (end < start || end > size - dataAt) {
        throw in.fail("cell " + i + " ends at " + end + " after " + start);
      }
      int column = columns.indexOf(number(idsAt + i * idBytes, idBytes));
      if (column >= 0) {
        in.seek(dataAt + (int) start);
        into[column] = columns.codec(column).decodeCell(in.window((int) (end - start)));
      }
      start = end;
    }
    for (int i = 0; i < nulls; i++) {
      int column = columns.indexOf(number(nullsAt + i * idBytes, idBytes));
      if (column >= 0) {
        into[column] = ColumnValue.Null.NULL;
      }
    }
    in.seek(size);
  }

  private long number(int at, int bytes) {
    in.seek(at);
    return switch (bytes) {
      case 1 -> in.u8();
      case 2 -> in.le16();
      default -> Integer.toUnsignedLong(in.le32());
    };
  }
}
