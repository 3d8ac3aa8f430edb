package org.tidbbinlog.drainer.translate;

import java.util.Set;
import org.tidbbinlog.codec.mutation.RowMutation;
import org.tidbbinlog.codec.row.ColumnDefaults;
import org.tidbbinlog.codec.row.DecodedRow;
import org.tidbbinlog.codec.row.DecodedUpdate;
import org.tidbbinlog.codec.row.RowDecoder;
import org.tidbbinlog.codec.row.UpdateGaps;
import org.tidbbinlog.drainer.sink.RowChange;
import org.tidbbinlog.drainer.sink.RowImage;
import org.tidbbinlog.drainer.sink.TableVersion;

/**
 * How rows of one table, written under one schema version, are read. Immutable.
 *
 * @param kept row changes that pass the filters
 */
record TableRows(
    TableVersion table,
    RowDecoder decoder,
    ColumnDefaults defaults,
    UpdateGaps gaps,
    Set<RowChange.Kind> kept) {

  boolean keepsAll() {
    return kept.size() == RowChange.Kind.values().length;
  }

  boolean keeps(RowMutation mutation) {
    return kept.contains(
        switch (mutation.kind()) {
          case INSERT -> RowChange.Kind.INSERT;
          case UPDATE -> RowChange.Kind.UPDATE;
          case DELETE -> RowChange.Kind.DELETE;
        });
  }

  RowChange decode(RowMutation mutation) {
    return switch (mutation.kind()) {
      case INSERT ->
          new RowChange.Insert(
              table, new RowImage(decoder.columns(), decoder.insert(mutation.row(), defaults)));
      case UPDATE -> {
        DecodedUpdate row = decoder.update(mutation.row(), defaults, gaps);
        yield new RowChange.Update(
            table,
            new RowImage(row.columns(), row.before()),
            new RowImage(row.columns(), row.after()));
      }
      case DELETE -> {
        DecodedRow row = decoder.delete(mutation.row());
        yield new RowChange.Delete(table, new RowImage(row.columns(), row.values()));
      }
    };
  }
}
