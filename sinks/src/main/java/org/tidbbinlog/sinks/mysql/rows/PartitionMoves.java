package org.tidbbinlog.sinks.mysql.rows;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tidbbinlog.codec.schema.ColumnInfo;
import org.tidbbinlog.codec.value.ColumnValue;
import org.tidbbinlog.drainer.sink.RowChange;
import org.tidbbinlog.drainer.sink.RowImage;

/**
 * A row of a partitioned table that moves to another partition arrives as {@code [Insert new,
 * Delete old]}, and each record may come twice while partitions are reorganized. Source: mutations
 * section 6.
 */
public final class PartitionMoves {
  private PartitionMoves() {}

  /** Only partitioned tables have such rows. */
  public static boolean mayMove(RowChange change) {
    return change.table().info().partition().enabled();
  }

  /** Both insert the same values into the same row. */
  public static boolean isRepeated(RowOp insert, RowOp next) {
    return next.change().kind() == RowChange.Kind.INSERT
        && insert.shape().is(next.shape())
        && insert.shape().identity().isPresent()
        && NetRows.isSame(after(insert), after(next));
  }

  /** The update that an insert and the delete of the same key come to, if they do. */
  public static Optional<RowChange.Update> join(RowOp insert, RowOp delete) {
    boolean pair =
        delete.change().kind() == RowChange.Kind.DELETE
            && delete.shape().table().id().equals(insert.shape().table().id())
            && insert.shape().identity().isPresent()
            && delete.shape().identity().isPresent();
    if (!pair) {
      return Optional.empty();
    }
    RowImage after = ((RowChange.Insert) insert.change()).after();
    RowImage old = ((RowChange.Delete) delete.change()).before();
    NetRows.Row oldRow = new NetRows.Row(delete, delete.shape(), old);
    boolean sameKey = NetRows.keyText(after(insert)).equals(NetRows.keyText(oldRow));
    if (!sameKey || NetRows.isSame(after(insert), oldRow)) {
      return Optional.empty();
    }
    return project(old, after.columns())
        .map(before -> new RowChange.Update(insert.change().table(), before, after));
  }

  private static NetRows.Row after(RowOp insert) {
    return new NetRows.Row(insert, insert.shape(), ((RowChange.Insert) insert.change()).after());
  }

  private static Optional<RowImage> project(RowImage image, List<ColumnInfo> wanted) {
    List<ColumnValue> values = new ArrayList<>(wanted.size());
    for (ColumnInfo column : wanted) {
      int index = -1;
      for (int i = 0; i < image.columns().size(); i++) {
        if (image.columns().get(i).id() == column.id()) {
          index = i;
        }
      }
      if (index < 0) {
        return Optional.empty();
      }
      values.add(image.values().get(index));
    }
    return Optional.of(new RowImage(wanted, values));
  }
}
