package org.tidbbinlog.codec.row;

import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.tidbbinlog.codec.bytes.ByteWriter;
import org.tidbbinlog.codec.value.ColumnValue;

/** Collects the columns of one {@link RowV2} and writes it. */
final class RowV2Writer {
  private static final int MAX_SMALL_ID = 255;
  private static final int MAX_SMALL_DATA = 65_535;

  /** Ids as the format orders them: the low byte of a small row's ids, unsigned. */
  private final TreeMap<Long, byte[]> cells = new TreeMap<>();

  private final TreeSet<Long> nulls = new TreeSet<>();

  void add(long id, ColumnValue value, ValueWriter writer) {
    if (value.kind() == ColumnValue.Kind.NULL) {
      nulls.add(id);
      return;
    }
    ByteWriter cell = new ByteWriter();
    writer.cell(value, cell);
    cells.put(id, cell.toBytes());
  }

  byte[] toBytes() {
    int dataBytes = cells.values().stream().mapToInt(cell -> cell.length).sum();
    boolean large = dataBytes > MAX_SMALL_DATA || largestId() > MAX_SMALL_ID;
    int idBytes = large ? 4 : 1;
    ByteWriter out = new ByteWriter(dataBytes + 16);
    out.u8(RowV2.VERSION).u8(large ? RowV2.LARGE : 0).le(cells.size(), 2).le(nulls.size(), 2);
    cells.keySet().forEach(id -> out.le(id, idBytes));
    nulls.forEach(id -> out.le(id, idBytes));
    int end = 0;
    for (Map.Entry<Long, byte[]> cell : cells.entrySet()) {
      end += cell.getValue().length;
      out.le(end, large ? 4 : 2);
    }
    cells.values().forEach(out::bytes);
    return out.toBytes();
  }

  private long largestId() {
    long largest = cells.isEmpty() ? 0 : cells.lastKey();
    return nulls.isEmpty() ? largest : Math.max(largest, nulls.last());
  }
}
