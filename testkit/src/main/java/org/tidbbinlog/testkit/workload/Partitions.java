package org.tidbbinlog.testkit.workload;

import java.util.List;
import java.util.function.LongSupplier;
import org.tidbbinlog.codec.schema.CiName;
import org.tidbbinlog.codec.schema.PartitionInfo;
import org.tidbbinlog.codec.value.ColumnValue;

/**
 * Where the rows of a table lie.
 *
 * @param column place of the partitioning column
 * @param parts none when the table is not partitioned
 */
record Partitions(Method method, int column, List<Part> parts) {
  static final Partitions NONE = new Partitions(Method.NONE, 0, List.of());

  private static final int RANGE_TYPE = 1;
  private static final int HASH_TYPE = 2;

  /** How the partition of a row is found. */
  enum Method {
    NONE,
    HASH,
    RANGE
  }

  /**
   * One partition.
   *
   * @param lessThan exclusive bound of a range
   */
  record Part(long id, String name, long lessThan) {}

  Partitions {
    parts = List.copyOf(parts);
  }

  /** Partition id of a row; the table's own id when it is not partitioned. */
  long physicalId(long tableId, List<ColumnValue> row) {
    if (method == Method.NONE) {
      return tableId;
    }
    long value = ((ColumnValue.Signed) row.get(column)).value();
    if (method == Method.HASH) {
      return parts.get((int) Math.abs(value % parts.size())).id();
    }
    return parts.stream()
        .filter(part -> value < part.lessThan())
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no partition for " + value))
        .id();
  }

  /** The same, as if made anew. */
  Partitions withIds(LongSupplier ids) {
    return new Partitions(
        method,
        column,
        parts.stream()
            .map(part -> new Part(ids.getAsLong(), part.name(), part.lessThan()))
            .toList());
  }

  /** Exclusive bound of what the last range takes. */
  long end() {
    return parts.get(parts.size() - 1).lessThan();
  }

  PartitionInfo toInfo(String columnName) {
    if (method == Method.NONE) {
      return PartitionInfo.NONE;
    }
    return new PartitionInfo(
        true,
        method == Method.HASH ? HASH_TYPE : RANGE_TYPE,
        "`" + columnName + "`",
        parts.stream()
            .map(part -> new PartitionInfo.Definition(part.id(), CiName.of(part.name())))
            .toList(),
        0);
  }
}
