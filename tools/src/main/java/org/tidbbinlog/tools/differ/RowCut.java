package org.tidbbinlog.tools.differ;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.codec.binlog.Binlog;
import org.tidbbinlog.codec.mutation.PrewriteValue;
import org.tidbbinlog.codec.mutation.PrewriteValueBuilder;
import org.tidbbinlog.codec.mutation.RowMutation;
import org.tidbbinlog.codec.mutation.TableMutation;
import org.tidbbinlog.testkit.workload.WorkloadStep.RowTouch;

/** A transaction with some of its rows only, their bytes as they were. */
final class RowCut {
  private RowCut() {}

  /**
   * Empty when no row is left.
   *
   * @param kept one answer a row, in the order of {@code entry.rows()}
   */
  static Optional<History.Entry> cut(History.Entry entry, List<Boolean> kept) {
    Map<Long, List<Boolean>> byTable = new HashMap<>();
    List<RowTouch> rows = new ArrayList<>();
    for (int i = 0; i < kept.size(); i++) {
      RowTouch row = entry.rows().get(i);
      byTable.computeIfAbsent(row.tableId(), id -> new ArrayList<>()).add(kept.get(i));
      if (kept.get(i)) {
        rows.add(row);
      }
    }
    if (rows.isEmpty()) {
      return Optional.empty();
    }
    Binlog binlog = entry.binlog();
    PrewriteValue value = PrewriteValue.over(binlog.prewriteValue().buffer());
    PrewriteValueBuilder fewer = new PrewriteValueBuilder(value.schemaVersion());
    for (TableMutation table : value) {
      List<Boolean> wanted = byTable.getOrDefault(table.tableId(), List.of());
      int at = 0;
      for (RowMutation row : table) {
        if (wanted.get(at++)) {
          byte[] bytes = new byte[row.row().remaining()];
          row.row().duplicate().get(bytes);
          fewer.add(table.tableId(), row.kind(), bytes);
        }
      }
    }
    Binlog prewrite =
        Binlog.prewrite(binlog.startTs(), binlog.prewriteKey(), Payload.of(fewer.toBytes()));
    Binlog complete = prewrite.withCommit(Binlog.commitOf(prewrite, binlog.commitTs()));
    return Optional.of(new History.Entry(complete, rows));
  }
}
