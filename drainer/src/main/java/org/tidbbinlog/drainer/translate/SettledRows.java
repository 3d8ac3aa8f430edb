package org.tidbbinlog.drainer.translate;

import java.util.Map;
import org.tidbbinlog.base.Clock;
import org.tidbbinlog.base.Tso;
import org.tidbbinlog.codec.Payload;
import org.tidbbinlog.drainer.sink.SinkItem;
import org.tidbbinlog.drainer.sink.StageTimes;
import org.tidbbinlog.drainer.source.PulledBinlog;

/**
 * A transaction some of whose tables pass the filters. Its payload is let go as soon as all rows
 * are decoded, and where they are decoded while they are applied, by those who end the rows.
 *
 * @param value the changes, a view of the payload
 * @param tables how to read the tables that pass, by table id
 * @param eagerBytes rows of a payload up to this size are decoded at once
 */
record SettledRows(
    PulledBinlog pulled,
    Tso startTs,
    Payload value,
    Versions versions,
    Map<Long, TableRows> tables,
    int eagerBytes,
    Clock clock)
    implements Translation {

  /**
   * @param ofRows what their writer knew
   * @param after what the item leaves behind
   */
  record Versions(long ofRows, long after) {}

  @Override
  public SinkItem finish() {
    PayloadRows rows =
        new PayloadRows(pulled.commitTs(), pulled.payload(), value, versions.ofRows, tables);
    if (rows.count() == 0) {
      pulled.drop();
      return new SinkItem.Progress(pulled.commitTs(), versions.after, translated());
    }
    if (rows.sizeBytes() > eagerBytes) {
      return new SinkItem.Transaction(
          startTs, pulled.commitTs(), versions.after, rows, translated());
    }
    DecodedRows decoded = DecodedRows.of(rows);
    pulled.drop();
    return new SinkItem.Transaction(
        startTs, pulled.commitTs(), versions.after, decoded, translated());
  }

  @Override
  public void drop() {
    pulled.drop();
  }

  private StageTimes translated() {
    pulled.times().mark(StageTimes.Stage.TRANSLATED, clock.nanoTime());
    return pulled.times();
  }
}
