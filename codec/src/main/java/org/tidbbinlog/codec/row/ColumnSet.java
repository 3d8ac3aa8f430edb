package org.tidbbinlog.codec.row;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.tidbbinlog.codec.schema.ColumnInfo;
import org.tidbbinlog.codec.schema.TableInfo;
import org.tidbbinlog.codec.value.ColumnValue;

/** Some columns of a table in its order, found by id; made once a table version. */
final class ColumnSet {
  private static final int MAX_DENSE_ID = 4096;
  private static final int MAX_PARTIAL_LISTS = 64;
  private static final short ABSENT = -1;

  private final List<ColumnInfo> columns;
  private final ColumnCodec[] codecs;
  private final long[] ids;
  private final short[] indexOfSmallId;
  private final Map<BitSet, List<ColumnInfo>> partialColumns = new ConcurrentHashMap<>();

  ColumnSet(TableInfo table, Predicate<ColumnInfo> wanted) {
    this.columns = table.columns().stream().filter(wanted).toList();
    this.codecs = new ColumnCodec[columns.size()];
    this.ids = new long[columns.size()];
    for (int i = 0; i < ids.length; i++) {
      codecs[i] = new ColumnCodec(columns.get(i).type());
      ids[i] = columns.get(i).id();
    }
    long largest = Arrays.stream(ids).filter(id -> id < MAX_DENSE_ID).max().orElse(0);
    indexOfSmallId = new short[(int) Math.max(0, largest) + 1];
    Arrays.fill(indexOfSmallId, ABSENT);
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] >= 0 && ids[i] < indexOfSmallId.length) {
        indexOfSmallId[(int) ids[i]] = (short) i;
      }
    }
  }

  List<ColumnInfo> columns() {
    return columns;
  }

  /** The columns that have a value, as a list that rows with the same ones share. */
  List<ColumnInfo> present(ColumnValue[] values) {
    BitSet present = new BitSet(values.length);
    for (int i = 0; i < values.length; i++) {
      present.set(i, values[i] != null);
    }
    if (partialColumns.size() >= MAX_PARTIAL_LISTS) {
      partialColumns.clear();
    }
    return partialColumns.computeIfAbsent(
        present, bits -> bits.stream().mapToObj(columns::get).toList());
  }

  int size() {
    return ids.length;
  }

  ColumnCodec codec(int index) {
    return codecs[index];
  }

  /** Index of the column with that id, -1 when it is not in the set. */
  int indexOf(long id) {
    if (id >= 0 && id < indexOfSmallId.length) {
      return indexOfSmallId[(int) id];
    }
    if (id < MAX_DENSE_ID) {
      return ABSENT;
    }
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] == id) {
        return i;
      }
    }
    return ABSENT;
  }

  /** Index of the column at that place of the table, -1 when it is not in the set. */
  int indexOfOffset(TableInfo table, int tableOffset) {
    return tableOffset >= 0 && tableOffset < table.columns().size()
        ? indexOf(table.columns().get(tableOffset).id())
        : ABSENT;
  }
}
