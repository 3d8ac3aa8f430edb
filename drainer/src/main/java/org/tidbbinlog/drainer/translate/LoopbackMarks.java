package org.tidbbinlog.drainer.translate;

import java.util.List;
import org.tidbbinlog.codec.mutation.RowMutation;
import org.tidbbinlog.codec.mutation.TableMutation;
import org.tidbbinlog.codec.schema.ColumnInfo;
import org.tidbbinlog.codec.value.ColumnValue;
import org.tidbbinlog.drainer.filter.Loopback;
import org.tidbbinlog.drainer.schema.SchemaSnapshot;
import org.tidbbinlog.drainer.schema.TrackedTable;
import org.tidbbinlog.drainer.sink.RowChange;
import org.tidbbinlog.drainer.sink.RowImage;

/**
 * Looks for the marks of our channel among the rows of a transaction. Source: drainer section 13.
 */
final class LoopbackMarks {
  private final Loopback loopback;

  LoopbackMarks(Loopback loopback) {
    this.loopback = loopback;
  }

  boolean isMarkTable(SchemaSnapshot schema, TrackedTable table) {
    return loopback.isOn()
        && loopback.isMarkTable(schema.databaseNameOf(table), table.info().name().original());
  }

  /** Any change to a row of the channel is its mark. */
  boolean areOurs(TableMutation mutation, TableRows rows) {
    for (RowMutation row : mutation) {
      RowChange change = rows.decode(row);
      boolean ours =
          switch (change.kind()) {
            case INSERT -> isOurs(((RowChange.Insert) change).after());
            case UPDATE ->
                isOurs(((RowChange.Update) change).before())
                    || isOurs(((RowChange.Update) change).after());
            case DELETE -> isOurs(((RowChange.Delete) change).before());
          };
      if (ours) {
        return true;
      }
    }
    return false;
  }

  private boolean isOurs(RowImage row) {
    List<ColumnInfo> columns = row.columns();
    for (int i = 0; i < columns.size(); i++) {
      boolean channel = columns.get(i).name().lower().equals(Loopback.CHANNEL_COLUMN);
      if (channel && row.values().get(i) instanceof ColumnValue.Signed value) {
        return value.value() == loopback.channelId();
      }
    }
    return false;
  }
}
